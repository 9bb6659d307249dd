using Millpond.Sinks;
using Millpond.Sqlite.Sinks;
using Millpond.Testing.Conformance;

namespace Millpond.Sqlite.Live.Tests.Live;

/// <summary>The contract of sinks, judged on SQLite; and what is SQLite's own.</summary>
public sealed class Sinks
{
    public static TheoryData<string> Names => [.. SinkConformance.Cases.Select(c => c.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Case(string name)
    {
        await using var fixture = new Fixture();
        await SinkConformance.Cases.Single(c => c.Name == name).RunAsync(fixture);
    }

    [Fact]
    public async Task A_column_whose_function_throws_is_a_refusal_and_not_a_failure_that_passes()
    {
        await using var fixture = new Fixture();
        using var sink = new SqliteSink<int, string>(fixture.Options, new SinkTable<int, string>("notes").Key("id", id => id).Column("note", _ => throw new FormatException()));
        var lead = new SinkLead("a", "b", 1);
        await sink.TakeOverAsync(lead, "", default);
        var item = new SinkItem<int, string>(1, Journals.JournalKind.Set, "x", 0, 1, 1);
        var fault = await Assert.ThrowsAsync<SinkException>(() => sink.ApplyAsync(new() { Lead = lead, Lane = "", From = 0, Through = 1, Items = [item] }, default).AsTask());
        Assert.Equal(SinkFailure.Refused, fault.Failure);
        Assert.Contains("'note' threw FormatException", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_table_without_columns_to_write_is_a_fault() =>
        Assert.Equal(ErrorCode.InvalidConfiguration, Assert.Throws<MillpondException>(() => SqliteSinks.Table("x", new SinkTable<int, string>("notes").Key("id", id => id))).Code);

    private sealed class Fixture : ISinkFixture
    {
        private readonly TemporaryDatabase _database = new();
        private readonly List<IDisposable> _sinks = [];

        public Fixture() => _database.Run(
            "CREATE TABLE notes (id INTEGER PRIMARY KEY, note TEXT NOT NULL CHECK (note <> 'poison'), kept TEXT NOT NULL DEFAULT 'kept')",
            "CREATE TABLE \"counts of\" (id INTEGER PRIMARY KEY, hits INTEGER NOT NULL)");

        public SqliteSinkOptions Options => new() { Path = _database.Path };

        public IWriteSink<int, string> NewNotes() => Keep(new SqliteSink<int, string>(Options, new SinkTable<int, string>("notes").Key("id", id => id).Column("note", note => note)));

        public IWriteSink<int, long> NewCounts() => Keep(new SqliteSink<int, long>(Options, new SinkTable<int, long>("counts of").Key("id", id => id).Count("hits")));

        public ValueTask<string?> NoteAsync(int key) => new((string?)Scalar($"SELECT note FROM notes WHERE id = {key}"));

        public ValueTask<long> CountAsync(int key) => new((long?)Scalar($"SELECT hits FROM \"counts of\" WHERE id = {key}") ?? 0);

        public ValueTask DisposeAsync()
        {
            _sinks.ForEach(sink => sink.Dispose());
            _database.Dispose();
            return default;
        }

        private T Keep<T>(T sink)
            where T : IDisposable
        {
            _sinks.Add(sink);
            return sink;
        }

        private object? Scalar(string sql)
        {
            using var connection = _database.Open();
            using var command = connection.CreateCommand();
            command.CommandText = sql;
            return command.ExecuteScalar() is { } value and not DBNull ? value : null;
        }
    }
}
