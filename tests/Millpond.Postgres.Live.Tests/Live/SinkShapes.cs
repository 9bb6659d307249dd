using Millpond.Journals;
using Millpond.Postgres.Sinks;
using Millpond.Sinks;

namespace Millpond.Postgres.Live.Tests.Live;

/// <summary>What a batch of many rows does to tables of all kinds of columns: what the same rows one by one do.</summary>
public sealed class SinkShapes(Database database) : IClassFixture<Database>
{
    private const string Things = "create table shapes (a int, b text, yes bool, small smallint, big bigint, half real, whole double precision, price numeric, id uuid, day date, hour time, took interval, at timestamptz, local timestamp, bytes bytea, none text, list int[], primary key (a, b))";

    private static readonly DateTime At = new(2026, 5, 4, 3, 2, 1, DateTimeKind.Utc);

    private sealed record Shape(bool? Yes, short Small, long Big, float Half, double Whole, decimal? Price, Guid Id, DateOnly Day, TimeOnly Hour, TimeSpan Took, DateTimeOffset At, DateTime Local, byte[]? Bytes);

    [Fact]
    public async Task Many_rows_of_all_types_are_one_statement_and_what_the_rows_one_by_one_are()
    {
        var table = new SinkTable<(int, string), Shape>("public.shapes").Key("a", key => key.Item1).Key("b", key => key.Item2).Column("yes", s => s.Yes).Column("small", s => s.Small).Column("big", s => s.Big).Column("half", s => s.Half)
            .Column("whole", s => s.Whole).Column("price", s => s.Price).Column("id", s => s.Id).Column("day", s => s.Day).Column("hour", s => s.Hour).Column("took", s => s.Took).Column("at", s => s.At).Column("local", s => s.Local)
            .Column("bytes", s => s.Bytes).Column("none", _ => null);
        SinkItem<(int, string), Shape>[] items = [.. Enumerable.Range(0, 50).Select(i => Set((i, i % 2 == 0 ? "even" : "odd"), ShapeOf(i), i + 1))];
        Assert.Single(new ItemCommands<(int, string), Shape>(table).Many(items));

        await AnewAsync(Things);
        foreach (var item in items)
        {
            await ApplyAsync(table, item);
        }

        var oneByOne = await RowsAsync();
        await AnewAsync(Things);
        await ApplyAsync(table, items);
        Assert.Equal(oneByOne, await RowsAsync());
        Assert.Equal(50, oneByOne.Split('\n').Length);
        Assert.Contains("(7,odd,f,7,35000000000,3.5,", oneByOne, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sets_and_deletes_keep_their_order_and_columns_without_an_array_go_row_by_row()
    {
        await AnewAsync(Things);
        var table = new SinkTable<int, int[]>("shapes").Key("a", key => key).Key("b", key => $"{key}").Column("list", list => list);
        SinkItem<int, int[]>[] items = [List(1, 1), List(2, 2, 2), Delete(3), Delete(4), List(5), List(6, 6)];
        var texts = new ItemCommands<int, int[]>(table).Many(items).Select(command => command.CommandText[..6]).ToArray();
        Assert.Equal(["INSERT", "INSERT", "DELETE", "INSERT", "INSERT"], texts);
        await ApplyAsync(table, List(3, 3), List(4, 4), List(7, 7));
        await ApplyAsync(table, items);
        Assert.Equal("1 {1}, 2 {2,2}, 5 {}, 6 {6}, 7 {7}", await Database.AskAsync<string>(database.Server, "select string_agg(a || ' ' || list::text, ', ' order by a) from shapes"));
    }

    [Fact]
    public async Task Keys_that_are_one_row_of_the_table_are_written_one_after_the_other()
    {
        await AnewAsync(Things);
        var table = new SinkTable<int, string>("shapes").Key("a", key => key / 2).Key("b", _ => "").Column("none", value => value);
        await ApplyAsync(table, Set(0, "first", 1), Set(1, "second", 2), Set(2, "third", 3));
        Assert.Equal("second third", await Database.AskAsync<string>(database.Server, "select string_agg(none, ' ' order by a) from shapes"));
        var counts = new SinkTable<int, long>("shapes").Key("a", key => key / 2).Key("b", _ => "counted").Count("big");
        await Database.RunAsync(database.Server, "alter table shapes alter column big set default 0");
        await ApplyAsync(counts, new SinkItem<int, long>(0, JournalKind.Increment, 0, 3, 1, 1), new SinkItem<int, long>(1, JournalKind.Increment, 0, 4, 2, 1));
        Assert.Equal(7L, await Database.AskAsync<long>(database.Server, "select big from shapes where b = 'counted'"));
    }

    [Fact]
    public async Task Rows_of_one_refused_value_are_refused_whole()
    {
        await AnewAsync("create table shapes (a int primary key, b text not null)");
        var table = new SinkTable<int, string?>("shapes").Key("a", key => key).Column("b", value => value);
        var refusal = await Assert.ThrowsAsync<SinkException>(() => ApplyAsync(table, Set<int, string?>(1, "x", 1), Set<int, string?>(2, null, 2), Set<int, string?>(3, "y", 3)));
        Assert.Equal(SinkFailure.Refused, refusal.Failure);
        Assert.Equal(0L, await Database.AskAsync<long>(database.Server, "select count(*) from shapes"));
    }

    private static Shape ShapeOf(int i) => new(
        i % 3 == 0 ? null : i % 2 == 0, (short)i, i * 5_000_000_000L, i / 2f, i / 3d, i % 4 == 0 ? null : i / 100m, new Guid(i, 0, 0, new byte[8]), DateOnly.FromDateTime(At).AddDays(i), new TimeOnly(i % 24, 0), TimeSpan.FromMinutes(i),
        new DateTimeOffset(At.AddMinutes(i)), DateTime.SpecifyKind(At.AddHours(i), DateTimeKind.Unspecified), i % 5 == 0 ? null : [(byte)i, 0]);

    private static SinkItem<TKey, TValue> Set<TKey, TValue>(TKey key, TValue value, long position)
        where TKey : notnull => new(key, JournalKind.Set, value, 0, position, 1);

    private static SinkItem<int, int[]> List(int key, params int[] list) => Set(key, list, key);

    private static SinkItem<int, int[]> Delete(int key) => new(key, JournalKind.Delete, null, 0, key, 1);

    private async Task AnewAsync(string table) => await Database.RunAsync(database.Server, "drop table if exists shapes, millpond_flushed", table);

    private async Task ApplyAsync<TKey, TValue>(SinkTable<TKey, TValue> table, params SinkItem<TKey, TValue>[] items)
        where TKey : notnull
    {
        await using var sink = new PostgresSink<TKey, TValue>(new PostgresSinkOptions { ConnectionString = database.Server.ConnectionString }, table);
        var lead = new SinkLead("shapes", "journal", 1);
        var from = await sink.TakeOverAsync(lead, "", TestContext.Current.CancellationToken);
        await sink.ApplyAsync(new SinkBatch<TKey, TValue> { Lead = lead, Lane = "", From = from, Through = from + 1, Items = items }, TestContext.Current.CancellationToken);
    }

    private Task<string> RowsAsync() => Database.AskAsync<string>(database.Server, "select string_agg(shapes::text, E'\\n' order by a, b) from shapes");
}
