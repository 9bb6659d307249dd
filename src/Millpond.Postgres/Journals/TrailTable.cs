namespace Millpond.Postgres.Journals;

/// <summary>A trail's tables, and every statement that is made on them.</summary>
/// <remarks>
/// <para>The statement that deletes a settled record from the journal inserts it here. A settlement has one instant, above all before it; a record's place is that and its position, and the primary key is in that order. The row of <c>_trail_head</c> has the last
/// settlement's instant, the bytes, and since when the trail is complete.</para>
/// <para>Whoever settles holds the journal's head, and appends wait for it; so what is old is deleted by statements of their own, which hold nothing that an append or a settlement waits for longer than for one row's update.</para>
/// </remarks>
internal sealed class TrailTable(string table, int recordBytes)
{
    private const string Columns = "position, kind, key, value, delta, written_at, settled_at, settlement, reason";

    private readonly string _name = table[(table.IndexOf('.', StringComparison.Ordinal) + 1)..];

    public string Create => $"""
        create table if not exists {table}_trail (settled_at timestamptz not null, position bigint not null, settlement smallint not null, kind smallint not null, key text not null, value bytea not null, delta bigint not null, written_at timestamptz not null, reason text not null, primary key (settled_at, position));
        create index if not exists {_name}_trail_key on {table}_trail (key, settled_at, position);
        create table if not exists {table}_trail_head (one boolean primary key default true check (one), settled_at timestamptz not null, since timestamptz, bytes bigint not null);
        """;

    public string IsThere => $"to_regclass('{table}_trail') is not null and {IsHeadThere}";

    public string IsHeadThere => $"to_regclass('{table}_trail_head') is not null";

    /// <summary>Whoever settles without a trail leaves a gap in it.</summary>
    public string Interrupt => $"update {table}_trail_head set since = null where since is not null";

    public string Since => $"select since from {table}_trail_head";

    /// <summary>$1 and $2 the time from and until, $3 and $4 the place, $5 how many, $6 the key where one is asked for.</summary>
    public string Read => $"select {Columns} from {table}_trail where settled_at >= $1 and settled_at < $2 and (settled_at, position) > ($3, $4) order by settled_at, position limit $5";

    public string ReadKey => $"select {Columns} from {table}_trail where key = $6 and settled_at >= $1 and settled_at < $2 and (settled_at, position) > ($3, $4) order by settled_at, position limit $5";

    /// <summary>$1 token, $2 holder, $3 the age, $4 the bytes, $5 how many to look at. Tells how many were deleted: none without the lead.</summary>
    public string Prune => $"""
        with oldest as (select settled_at, position, size, sum(size) over (order by settled_at, position) as through from (select settled_at, position, {Size} as size from {table}_trail order by settled_at, position limit $5) as first),
        cut as (select oldest.settled_at, position, size, oldest.settled_at >= statement_timestamp() - $3 as is_early from oldest, {table}_trail_head as head where oldest.settled_at < statement_timestamp() - $3 or head.bytes - through + size > $4),
        gone as (delete from {table}_trail as trail using cut where trail.settled_at = cut.settled_at and trail.position = cut.position and exists (select from {table}_lead where token = $1 and holder = $2) returning size, cut.settled_at, is_early),
        head as (update {table}_trail_head set bytes = bytes - (select sum(size) from gone), since = greatest(since, (select max(gone.settled_at) from gone where is_early)) where exists (select from gone))
        select count(*) from gone
        """;

    private string Size => $"octet_length(key) + length(value) + {recordBytes}";

    /// <summary>The part of a statement that has deleted records as <c>gone</c>: it puts them here.</summary>
    /// <param name="settlement">What became of them.</param>
    public string Keep(string settlement) => $"""
        settled as (insert into {table}_trail_head as head select true, clock_timestamp(), statement_timestamp() - interval '1 microsecond', sum(size + {recordBytes}) from gone having count(*) > 0
            on conflict (one) do update set settled_at = greatest(excluded.settled_at, head.settled_at + interval '1 microsecond'), since = coalesce(head.since, excluded.since), bytes = head.bytes + excluded.bytes returning settled_at),
        kept as (insert into {table}_trail select settled.settled_at, gone.position, {settlement}, gone.kind, gone.key, gone.value, gone.delta, gone.written_at, coalesce(gone.reason, '') from gone, settled),
        """;
}
