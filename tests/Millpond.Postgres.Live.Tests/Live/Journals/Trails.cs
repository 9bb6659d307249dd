using System.Text;
using Millpond.Engines.Live;
using Millpond.Journals;
using Millpond.Postgres.Journals;
using Millpond.Runtime;

namespace Millpond.Postgres.Live.Tests.Live.Journals;

/// <summary>What a server's end does to a trail, and what goes when it is old. What every trail promises the conformance suite judges.</summary>
[Collection("one database")]
public sealed class Trails(Database database) : IClassFixture<Database>
{
    private static readonly TrailOptions Ample = new() { AgeMax = TimeSpan.FromDays(1), BytesMax = 1 << 30 };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_server_that_is_killed_in_mid_settlement_leaves_each_record_in_exactly_one_of_journal_and_trail()
    {
        await using var server = await PostgresServer.StartAsync("fsync=on");
        await using var journal = await OpenAsync(server, Ample, TimeSpan.FromMinutes(1));
        var last = await journal.AppendAsync([.. Enumerable.Range(0, 2_000).Select(i => new JournalWrite(JournalKind.Set, $"k{i % 5}", new byte[50]))], Token);
        var settled = 0L;
        var settling = Task.Run(async () =>
        {
            var lead = (await journal.TryLeadAsync(Token))!;
            while (true)
            {
                await lead.AcknowledgeAsync(Volatile.Read(ref settled) + 7, Token);
                Interlocked.Add(ref settled, 7);
            }
        }, Token);
        while (Volatile.Read(ref settled) < 100)
        {
            await Task.Delay(1, Token);
        }

        await server.KillAsync();
        await Assert.ThrowsAsync<JournalException>(() => settling);
        Assert.True(settled < last);
        await server.LaunchAsync();
        await DatabaseDeaths.BackAsync(() => journal.AppendAsync([new JournalWrite(JournalKind.Set, "back", Encoding.UTF8.GetBytes("again"))], Token).AsTask());
        var trail = new List<long>();
        for (var query = new TrailQuery { RecordsMax = 1_000 }; ;)
        {
            var page = await journal.Trail!.ReadAsync(query, Token);
            trail.AddRange(page.Records.Select(one => one.Record.Position));
            if (page.Next is not { } next)
            {
                break;
            }

            query = query with { After = next };
        }

        var pending = await journal.RowsAsync([($"select position from {journal.Table.Name} where position <= 2000 order by position", [])], row => row.GetInt64(0), Token);
        Assert.Equal(Enumerable.Range(1, 2_000).Select(i => (long)i), trail.Concat(pending));
        Assert.True(trail.Count >= settled);
    }

    [Fact]
    public async Task What_grows_old_is_deleted_though_nothing_is_settled()
    {
        var server = database.Server;
        await using var journal = await OpenAsync(server, Ample with { AgeMax = TimeSpan.FromSeconds(1) }, TimeSpan.FromSeconds(1));
        await using var lead = (await journal.TryLeadAsync(Token))!;
        await lead.AcknowledgeAsync(await journal.AppendAsync([new JournalWrite(JournalKind.Increment, "a", default, 1)], Token), Token);
        for (var polls = 0; polls < 1_000 && await RowsAsync() > 0; polls++)
        {
            await Task.Delay(30, Token);
        }

        Assert.Equal(0, await RowsAsync());

        async Task<long> RowsAsync() => (await journal.RowsAsync([($"select count(*) from {journal.Table.Name}_trail", [])], row => row.GetInt64(0), Token))[0];
    }

    [Fact]
    public async Task Whoever_settles_without_a_trail_leaves_a_gap_in_it_that_is_told()
    {
        var server = database.Server;
        await SettleAsync("first", Ample);
        await SettleAsync("second", null);
        await SettleAsync("third", Ample);
        await using var journal = await OpenAsync(server, Ample, TimeSpan.FromSeconds(10), "trail_gap");
        var page = await journal.Trail!.ReadAsync(new TrailQuery(), Token);
        Assert.Equal(["first", "third"], page.Records.Select(one => one.Record.Key));
        Assert.True(page.Records[0].SettledAt < page.CompleteSince && page.CompleteSince < page.Records[1].SettledAt);

        async Task SettleAsync(string key, TrailOptions? trail)
        {
            await using var journal = await OpenAsync(server, trail, TimeSpan.FromSeconds(10), "trail_gap");
            await using var lead = (await journal.TryLeadAsync(Token))!;
            await lead.AcknowledgeAsync(await journal.AppendAsync([new JournalWrite(JournalKind.Increment, key, default, 1)], Token), Token);
        }
    }

    private static async Task<PostgresJournal> OpenAsync(PostgresServer server, TrailOptions? trail, TimeSpan leadTime, string table = "trail_old")
    {
        var journal = new PostgresJournal(new() { ConnectionString = server.ConnectionString, Table = table, Survives = JournalSurvival.ProcessDeath, Trail = trail, LeadTime = leadTime }, Surroundings.Real);
        await journal.OpenAsync("test", Token);
        return journal;
    }
}
