using Millpond.Postgres.Sinks;
using Millpond.Sinks;
using Millpond.Testing.Conformance;

namespace Millpond.Postgres.Live.Tests.Live;

/// <summary>The contract of sinks, judged on PostgreSQL.</summary>
public sealed class Sinks(Database database) : IClassFixture<Database>
{
    public static TheoryData<string> Names => [.. SinkConformance.Cases.Select(c => c.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Case(string name)
    {
        await Database.RunAsync(
            database.Server,
            "drop table if exists notes, \"counts of\", millpond_flushed",
            "create table notes (id int primary key, note text not null check (note <> 'poison'), kept text not null default 'kept')",
            "create table \"counts of\" (id int primary key, hits bigint not null)");
        await using var fixture = new Fixture(database);
        await SinkConformance.Cases.Single(c => c.Name == name).RunAsync(fixture);
    }

    private sealed class Fixture(Database database) : ISinkFixture
    {
        private readonly List<IAsyncDisposable> _sinks = [];

        private PostgresSinkOptions Options => new() { ConnectionString = database.Server.ConnectionString };

        public IWriteSink<int, string> NewNotes() => Keep(new PostgresSink<int, string>(Options, new SinkTable<int, string>("public.notes").Key("id", id => id).Column("note", note => note)));

        public IWriteSink<int, long> NewCounts() => Keep(new PostgresSink<int, long>(Options, new SinkTable<int, long>("counts of").Key("id", id => id).Count("hits")));

        public async ValueTask<string?> NoteAsync(int key) => await Database.AskAsync<string>(database.Server, $"select coalesce((select note from notes where id = {key}), '')") is { Length: > 0 } note ? note : null;

        public async ValueTask<long> CountAsync(int key) => await Database.AskAsync<long>(database.Server, $"select coalesce((select hits from \"counts of\" where id = {key}), 0)");

        public async ValueTask DisposeAsync()
        {
            foreach (var sink in _sinks)
            {
                await sink.DisposeAsync();
            }
        }

        private T Keep<T>(T sink)
            where T : IAsyncDisposable
        {
            _sinks.Add(sink);
            return sink;
        }
    }
}
