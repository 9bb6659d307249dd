using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Millpond.Engines.Live;
using Millpond.Journals;
using Millpond.Redis.Journals;
using Millpond.Resp;
using Millpond.Runtime;

namespace Millpond.Redis.Live.Tests.Live.Journals;

/// <summary>What an engine's end, or its full memory, does to a trail. What every trail promises the conformance suite judges.</summary>
public sealed class Trails
{
    private static readonly TrailOptions Ample = new() { AgeMax = TimeSpan.FromDays(1), BytesMax = 1 << 30 };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_engine_that_is_killed_in_mid_settlement_leaves_each_record_in_exactly_one_of_journal_and_trail()
    {
        await using var server = await RedisServer.StartAsync("--appendonly", "yes", "--appendfsync", "always");
        await using var journal = await OpenAsync(server, JournalSurvival.PowerLoss);
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
        while (Volatile.Read(ref settled) < 200)
        {
            await Task.Delay(1, Token);
        }

        await server.KillAsync();
        await Assert.ThrowsAsync<JournalException>(() => settling);
        Assert.True(settled < last);
        await server.LaunchAsync();
        var trail = await JournalRig.BackAsync(() => AllAsync(journal));
        var lead = await JournalRig.BackAsync(async () => await journal.TryLeadAsync(Token) ?? throw new JournalException(JournalFailure.LeadLost, "not yet"));
        var pending = await JournalRig.BackAsync(() => lead.ReadAsync(0, 10_000, Token).AsTask());
        Assert.Equal(Enumerable.Range(1, 2_000).Select(i => (long)i), trail.Select(one => one.Record.Position).Concat(pending.Select(record => record.Position)));
        Assert.True(trail.Count >= settled);
    }

    [Fact]
    public async Task Where_the_memory_is_full_the_oldest_go_for_what_is_appended_until_none_are_left()
    {
        await using var server = await RedisServer.StartAsync();
        await using var admin = new RespClient(RespOptions.Parse(server.Address));
        using var warnings = new Warnings();
        await using var journal = await OpenAsync(server, JournalSurvival.ProcessDeath, warnings: warnings);
        await using var lead = (await journal.TryLeadAsync(Token))!;
        for (var i = 0; i < 20; i++)
        {
            await lead.AcknowledgeAsync(await AppendAsync(100), Token);
        }

        var used = (await admin.ExecuteAsync("INFO", "memory")).Text!.Split("used_memory:")[1].Split('\r')[0];
        await admin.ExecuteAsync("CONFIG", "SET", "maxmemory", used);
        var before = (await AllAsync(journal)).Count;
        Assert.Equal(2_000, before);
        Assert.Empty(warnings.Told);
        await AppendAsync(300);
        await lead.AcknowledgeAsync(await AppendAsync(10), Token);
        Assert.Contains(warnings.Told, told => told.Contains("makes room", StringComparison.Ordinal));
        var after = await AllAsync(journal);
        Assert.InRange(after.Count, 1, before - 1);
        Assert.Equal(after[0].Record.Position + after.Count - 1, after[^1].Record.Position);
        Assert.True((await journal.Trail!.ReadAsync(new TrailQuery { RecordsMax = 1 }, Token)).CompleteSince >= after[0].SettledAt.AddSeconds(-1));

        // Nothing more is flushed, so at last there is nothing to give way.
        var refused = await Assert.ThrowsAsync<JournalException>(async () =>
        {
            while (true)
            {
                await AppendAsync(100);
            }
        });
        Assert.Equal(JournalFailure.Refused, refused.Failure);
        Assert.Empty(await AllAsync(journal));

        async Task<long> AppendAsync(int records) => await journal.AppendAsync([.. Enumerable.Range(0, records).Select(i => new JournalWrite(JournalKind.Set, $"k{i}", new byte[1_000]))], Token);
    }

    [Fact]
    public async Task What_grows_old_goes_from_the_memory_though_nothing_is_settled()
    {
        await using var server = await RedisServer.StartAsync();
        await using var admin = new RespClient(RespOptions.Parse(server.Address));
        await using var journal = await OpenAsync(server, JournalSurvival.ProcessDeath, Ample with { AgeMax = TimeSpan.FromSeconds(1) }, TimeSpan.FromSeconds(1));
        await using var lead = (await journal.TryLeadAsync(Token))!;
        await lead.AcknowledgeAsync(await journal.SetAsync("a", "1"), Token);
        for (var polls = 0; polls < 1_000 && (await admin.ExecuteAsync("XLEN", journal.Keys.Trail)).Integer > 0; polls++)
        {
            await Task.Delay(30, Token);
        }

        Assert.Equal(0, (await admin.ExecuteAsync("XLEN", journal.Keys.Trail)).Integer);
    }

    private static async Task<RedisJournal> OpenAsync(RedisServer server, JournalSurvival survives, TrailOptions? trail = null, TimeSpan? leadTime = null, Warnings? warnings = null)
    {
        var options = new RedisJournalOptions { Connection = RespOptions.Parse($"{server.Address},timeout=20000,keepAlive=20"), Name = "views", Survives = survives, Trail = trail ?? Ample, LeadTime = leadTime ?? TimeSpan.FromSeconds(10) };
        var journal = new RedisJournal(options, warnings, Surroundings.Real);
        await journal.OpenAsync(JournalRig.Keyspace, Token);
        return journal;
    }

    /// <summary>What the journal's log warns of.</summary>
    private sealed class Warnings : ILoggerFactory, ILogger
    {
        public ConcurrentQueue<string> Told { get; } = new();

        public ILogger CreateLogger(string categoryName) => categoryName == "Millpond.Redis.Journal" ? this : NullLogger.Instance;

        public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
            {
                Told.Enqueue(formatter(state, exception));
            }
        }

        public void Dispose()
        {
            // Nothing to let go of.
        }
    }

    private static async Task<List<TrailRecord>> AllAsync(RedisJournal journal)
    {
        var all = new List<TrailRecord>();
        for (var query = new TrailQuery { RecordsMax = 1_000 }; ;)
        {
            var page = await journal.Trail!.ReadAsync(query, Token);
            all.AddRange(page.Records);
            if (page.Next is not { } next)
            {
                return all;
            }

            query = query with { After = next };
        }
    }
}
