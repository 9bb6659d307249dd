using Millpond.Journals;

namespace Millpond.Postgres.Journals;

/// <summary>A journal's tables, and every statement that is made on them.</summary>
/// <remarks>
/// <para>The row of <c>_head</c> has the last position, the counts, how many steps have changed them, and in which history of the server they were written. Whoever appends holds that row until his commit, so positions are in the order of commits: a reader never passes one that becomes visible later.</para>
/// <para>The row of <c>_lead</c> has the lead and what it acknowledged. Its steps take the head's row first, by a statement of its own, so that what they count is counted once and from the newest row.</para>
/// <para>A dead letter is a row with a reason.</para>
/// </remarks>
internal sealed class JournalTable(string table, TrailOptions? trail)
{
    private const string Stand = "identity, last, records, bytes, dead, step";

    private const string Columns = "position, kind, key, value, delta, written_at";

    private readonly string _name = table[(table.IndexOf('.', StringComparison.Ordinal) + 1)..];

    public string Name => table;

    public TrailTable Trail { get; } = new(table, TrailOptions.RecordBytes);

    public bool HasTrail => trail is not null;

    public string Create => Own + (HasTrail ? "\n" + Trail.Create : "");

    private string Own => $"""
        create table if not exists {table} (position bigint primary key, kind smallint not null, key text not null, value bytea not null, delta bigint not null, written_at timestamptz not null, reason text);
        create index if not exists {_name}_pending on {table} (key, position) where kind <> 3;
        create index if not exists {_name}_dead on {table} (position) where reason is not null;
        create table if not exists {table}_head (one boolean primary key default true check (one), keyspace text not null, identity text not null, history text not null, last bigint not null, records bigint not null, bytes bigint not null, dead bigint not null, step bigint not null);
        create table if not exists {table}_lead (one boolean primary key default true check (one), acknowledged bigint not null, token bigint not null, holder text not null, until timestamptz not null);
        """;

    public string IsThere => $"select to_regclass('{table}') is not null and to_regclass('{table}_head') is not null and to_regclass('{table}_lead') is not null{(HasTrail ? $" and {Trail.IsThere}" : "")}";

    /// <summary>Nobody else opens it meanwhile. $1: the table.</summary>
    public static string LockOpening => "select pg_advisory_xact_lock(hashtextextended('millpond journal ' || $1, 0))";

    public string Head => $"select keyspace, identity, history, last from {table}_head for update";

    public string HasRecords => $"select exists (select from {table})";

    /// <summary>$1 keyspace, $2 identity, $3 history, $4 the last position.</summary>
    public string Make => $"insert into {table}_head values (true, $1, $2, $3, $4, 0, 0, 0, 0)";

    public string MakeLead => $"insert into {table}_lead values (true, $1, 0, '', '-infinity') on conflict (one) do update set acknowledged = excluded.acknowledged, token = 0, holder = '', until = '-infinity'";

    /// <summary>$1 history, $2 the highest position known, $3 how many to skip, $4 the highest step known.</summary>
    public string Resume => $"update {table}_head set step = greatest(step, $4) + $3, history = $1, last = greatest(last, $2) + $3";

    public string EndLead => $"update {table}_lead set token = token + $1, holder = '', until = '-infinity'";

    public string Look => $"select {Stand}, {Oldest("true")} from {table}_head";

    /// <summary>$1 how many, $2 their bytes, $3 history, $4 the highest position known, $5 the time, $6 to $9 kinds, keys, values, deltas. No row: the journal is not what was known.</summary>
    public string Append => $"""
        with head as (update {table}_head set step = step + 1, last = last + $1, records = records + $1, bytes = bytes + $2 where history = $3 and last >= $4 returning {Stand}),
        put as (insert into {table} ({Columns}) select head.last - $1 + w.n, w.kind, w.key, w.value, w.delta, $5 from head, unnest($6, $7, $8, $9) with ordinality as w (kind, key, value, delta, n))
        select {Stand}, coalesce({Oldest("true")}, $5) from head
        """;

    public string Pending => $"select {Columns} from {table} where key = $1 and kind <> 3 order by position desc limit 1";

    /// <summary>$1 the position, $2 how many. With each record the identity of the journal that it is of.</summary>
    public string Read => $"select {Columns}, (select identity from {table}_head) from {table} where position > $1 and reason is null order by position limit $2";

    public string IsMore => $"select exists (select from {table} where position > $1 and reason is null)";

    public string Letters => $"select {Columns}, reason from {table} where reason is not null and position > $1 order by position limit $2";

    /// <summary>$1 holder, $2 seconds.</summary>
    public string Take => $"update {table}_lead set token = token + 1, holder = $1, until = clock_timestamp() + make_interval(secs => $2) where holder = '' or holder = $1 or until < clock_timestamp() returning token, acknowledged";

    /// <summary>$1 token, $2 holder, $3 seconds.</summary>
    public string Keep => $"update {table}_lead set until = clock_timestamp() + make_interval(secs => $3) where token = $1 and holder = $2 returning token";

    public string Give => $"update {table}_lead set holder = '', until = '-infinity' where token = $1 and holder = $2";

    /// <summary>Has the transaction's commit wait neither for the disk nor for a standby: what comes back after a crash is told, or asked for, once more.</summary>
    public static string Passing => "select set_config('synchronous_commit', 'off', true)";

    public string LockHead => $"select from {table}_head for update";

    /// <summary>$1 token, $2 holder, $3 the position. No row: the lead is lost; so with the next two.</summary>
    public string Acknowledge => $"""
        with lead as (update {table}_lead set acknowledged = greatest(acknowledged, least($3, (select last from {table}_head))) where token = $1 and holder = $2 returning acknowledged),
        gone as (delete from {table} using lead where position <= lead.acknowledged and reason is null returning {Gone}),
        {KeptAs("1")}head as (update {table}_head set step = step + 1, records = records - (select count(*) from gone), bytes = bytes - (select coalesce(sum(size), 0) from gone) where exists (select from lead) returning {Stand})
        select {Stand}, {Oldest("position > (select acknowledged from lead)")}, acknowledged from head, lead
        """;

    /// <summary>$1 token, $2 holder, $3 reason, $4 positions.</summary>
    public string Bury => $"""
        with lead as (select acknowledged from {table}_lead where token = $1 and holder = $2 for share),
        buried as (update {table} set reason = $3 from lead where position = any($4) and reason is null returning position),
        head as (update {table}_head set step = step + 1, records = records - (select count(*) from buried), dead = dead + (select count(*) from buried) where exists (select from lead) returning {Stand})
        select {Stand}, {Oldest("position <> all($4)")}, acknowledged from head, lead
        """;

    /// <summary>$1 token, $2 holder, $3 key, $4 the position, $5 what became of them, where there is a trail.</summary>
    public string Remove => $"""
        with lead as (select acknowledged from {table}_lead where token = $1 and holder = $2 for share),
        gone as (delete from {table} using lead where key = $3 and position <= $4 and reason is not null returning {Gone}),
        {KeptAs("$5")}head as (update {table}_head set step = step + 1, dead = dead - (select count(*) from gone), bytes = bytes - (select coalesce(sum(size), 0) from gone) where exists (select from lead) returning {Stand})
        select {Stand}, {Oldest("true")}, acknowledged from head, lead
        """;

    private string Gone => $"{(HasTrail ? $"{Columns}, reason, " : "")}octet_length(key) + length(value) as size";

    private string KeptAs(string settlement) => HasTrail ? Trail.Keep(settlement) + "\n" : "";

    private string Oldest(string which) => $"(select written_at from {table} where reason is null and {which} order by position limit 1)";
}
