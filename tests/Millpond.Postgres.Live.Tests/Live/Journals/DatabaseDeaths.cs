using System.Collections.Concurrent;
using System.Text;
using Millpond.Engines.Live;
using Millpond.Journals;
using Millpond.Postgres.Journals;
using Millpond.Runtime;

namespace Millpond.Postgres.Live.Tests.Live.Journals;

/// <summary>The server ends in the middle of appends, fails over, or does not keep what is asked of it.</summary>
[Collection("one database")]
public sealed class DatabaseDeaths(Database database) : IClassFixture<Database>
{
    private static readonly string[] Safe = ["fsync=on"];

    [Fact]
    public async Task A52_what_was_acknowledged_is_there_after_the_server_was_killed_in_mid_append()
    {
        await using var server = await PostgresServer.StartAsync(Safe);
        await using var journal = await OpenAsync(server, JournalSurvival.PowerLoss);
        string identity;
        await using (var lead = (await journal.TryLeadAsync(TestContext.Current.CancellationToken))!)
        {
            identity = lead.Identity;
        }

        var (acknowledged, unknown) = (new ConcurrentQueue<string>(), new ConcurrentQueue<string>());
        var writers = Enumerable.Range(0, 20).Select(writer => Task.Run(async () =>
        {
            for (var i = 0; ; i++)
            {
                try
                {
                    await SetAsync(journal, $"{writer}/{i}");
                    acknowledged.Enqueue($"{writer}/{i}");
                }
                catch (JournalException failure)
                {
                    (failure.Failure == JournalFailure.OutcomeUnknown ? unknown : new()).Enqueue($"{writer}/{i}");
                    return;
                }
            }
        })).ToArray();
        while (acknowledged.Count < 300)
        {
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }

        await server.KillAsync();
        await Task.WhenAll(writers);

        // Whoever was under way is told that nobody knows, and not that nothing was taken.
        Assert.NotEmpty(unknown);

        // A process that starts meanwhile finds it away, which is not the same as unfit.
        await using var starting = On(server, JournalSurvival.PowerLoss);
        var away = await Assert.ThrowsAsync<JournalException>(() => starting.OpenAsync("test", TestContext.Current.CancellationToken).AsTask());
        Assert.Equal(JournalFailure.Refused, away.Failure);
        await server.LaunchAsync();
        await BackAsync(() => SetAsync(journal, "back"));
        await using var next = (await journal.TryLeadAsync(TestContext.Current.CancellationToken))!;
        var records = await next.ReadAsync(next.Acknowledged, 1_000_000, TestContext.Current.CancellationToken);
        Assert.Equal(identity, next.Identity);
        Assert.Subset(records.Select(record => record.Key).ToHashSet(), acknowledged.ToHashSet());
        Assert.Equal(records.Count, records.Select(record => record.Position).Distinct().Count());
    }

    [Fact]
    public async Task A_standby_that_lacks_writes_gives_no_position_or_token_again_and_ends_the_lead()
    {
        await using var server = await PostgresServer.StartAsync();
        await using var journal = await OpenAsync(server, JournalSurvival.ProcessDeath);
        var first = await SetAsync(journal, "a");
        await using var standby = await server.AddStandbyAsync("late", "primary_conninfo=''");
        var zombie = (await journal.TryLeadAsync(TestContext.Current.CancellationToken))!;
        var lost = await SetAsync(journal, "b");
        await server.KillAsync();
        await standby.PromoteAsync();
        await using var other = await OpenAsync(standby, JournalSurvival.ProcessDeath);
        var next = await SetAsync(other, "c");
        Assert.True(next > lost, $"{next} is above {lost}");
        await using var lead = (await other.TryLeadAsync(TestContext.Current.CancellationToken))!;
        Assert.True(lead.Token > zombie.Token, $"{lead.Token} is above {zombie.Token}");
        Assert.Equal([first, next], (await lead.ReadAsync(lead.Acknowledged, 10, TestContext.Current.CancellationToken)).Select(record => record.Position));
    }

    [Fact]
    public async Task A_lead_reads_nothing_of_a_journal_that_was_made_anew_in_the_place_of_its_own()
    {
        var server = database.Server;
        await using var journal = await OpenAsync(server, JournalSurvival.ProcessDeath);
        await SetAsync(journal, "a");
        var before = (await journal.TryLeadAsync(TestContext.Current.CancellationToken))!;
        Assert.NotEmpty(await before.ReadAsync(before.Acknowledged, 10, TestContext.Current.CancellationToken));
        await Database.RunAsync(server, "drop table public.views, public.views_head, public.views_lead");
        await using var other = await OpenAsync(server, JournalSurvival.ProcessDeath);
        await SetAsync(other, "b");

        // What it read would go to the source under the name of the journal that is gone.
        var refusal = await Assert.ThrowsAsync<JournalException>(() => before.ReadAsync(0, 10, TestContext.Current.CancellationToken).AsTask());
        Assert.Equal(JournalFailure.LeadLost, refusal.Failure);
        Assert.True(before.Lost.IsCancellationRequested);
    }

    [Fact]
    public async Task A_flush_is_acknowledged_without_waiting_for_the_standby_that_appends_wait_for()
    {
        await using var server = await PostgresServer.StartAsync(Safe);
        await using var standby = await server.AddStandbyAsync("twin");
        await server.WaitForStandbyAsync("twin");
        await using var journal = await OpenAsync(server, JournalSurvival.MachineLoss);
        var last = await SetAsync(journal, "a");
        await using var lead = (await journal.TryLeadAsync(TestContext.Current.CancellationToken))!;
        await standby.PauseAsync();
        try
        {
            var acknowledging = lead.AcknowledgeAsync(last, TestContext.Current.CancellationToken).AsTask();
            while (!acknowledging.IsCompleted)
            {
                Assert.Equal(0, await Database.AskAsync<long>(server, "select count(*) from pg_stat_activity where wait_event = 'SyncRep'"));
            }

            await acknowledging;
            Assert.Equal((last, 0), (lead.Acknowledged, journal.Depth.Records));
        }
        finally
        {
            await standby.ResumeAsync();
        }
    }

    [Fact]
    public async Task What_a_server_says_that_has_lost_steps_is_believed()
    {
        var server = database.Server;
        await using var journal = await OpenAsync(server, JournalSurvival.ProcessDeath);
        var last = await SetAsync(journal, "a");
        await using var lead = (await journal.TryLeadAsync(TestContext.Current.CancellationToken))!;
        Assert.NotEqual(0, journal.Depth.Records);

        // As after a crash: acknowledgements do not wait for the disk.
        await Database.RunAsync(server, "update public.views_head set step = step - 100");
        await lead.AcknowledgeAsync(last, TestContext.Current.CancellationToken);
        Assert.Equal(0, journal.Depth.Records);
    }

    [Fact]
    public async Task An_append_reads_no_more_the_more_there_is()
    {
        const int Appends = 300;
        await Database.RunAsync(database.Server, "drop table if exists public.views, public.views_head, public.views_lead");
        await using (var journal = await OpenAsync(database.Server, JournalSurvival.ProcessDeath))
        {
            for (var i = 0; i < Appends; i++)
            {
                await SetAsync(journal, $"{i}");
            }
        }

        // The server counts what a session did when it has ended.
        long inserted = 0;
        for (var look = 0; look < 300 && inserted < Appends; look++)
        {
            await Task.Delay(100, TestContext.Current.CancellationToken);
            inserted = await Database.AskAsync<long>(database.Server, "select coalesce(max(n_tup_ins), 0) from pg_stat_user_tables where relname = 'views'");
        }

        Assert.Equal(Appends, inserted);
        Assert.InRange(await Database.AskAsync<long>(database.Server, "select seq_tup_read from pg_stat_user_tables where relname = 'views'"), 0, Appends);
    }

    [Fact]
    public async Task A_server_that_does_not_keep_what_is_asked_is_refused()
    {
        var server = database.Server;
        Assert.Contains("fsync is off", (await CannotOpenAsync(server, JournalSurvival.PowerLoss)).Message, StringComparison.Ordinal);
        Assert.Contains("synchronous_standby_names is empty", (await CannotOpenAsync(server, JournalSurvival.MachineLoss)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_transaction_that_commits_late_is_never_passed_by()
    {
        var server = database.Server;
        await using var journal = await OpenAsync(server, JournalSurvival.ProcessDeath);
        await using var other = await OpenAsync(server, JournalSurvival.ProcessDeath);
        await using var lead = (await journal.TryLeadAsync(TestContext.Current.CancellationToken))!;
        var writers = new[] { journal, other }.SelectMany(one => Enumerable.Range(0, 8).Select(_ => one)).Select((one, writer) => Task.Run(async () =>
        {
            for (var i = 0; i < 40; i++)
            {
                await SetAsync(one, $"{writer}/{i}");
            }
        })).ToArray();

        // Reads on from the last position that it saw, as a flusher does: what becomes visible below it is never seen.
        var (seen, position) = (0, lead.Acknowledged);
        while (seen < 16 * 40)
        {
            var found = await lead.ReadAsync(position, 1000, TestContext.Current.CancellationToken);
            (seen, position) = (seen + found.Count, found.Count > 0 ? found[^1].Position : position);
            Assert.False(found.Count == 0 && writers.All(writer => writer.IsCompleted) && (await lead.ReadAsync(position, 1, TestContext.Current.CancellationToken)).Count == 0, $"only {seen} were seen");
        }

        await Task.WhenAll(writers);
    }

    private static PostgresJournal On(PostgresServer server, JournalSurvival survives) =>
        new(new PostgresJournalOptions { ConnectionString = server.ConnectionString, Table = "public.views", Survives = survives }, Surroundings.Real);

    private static async Task<PostgresJournal> OpenAsync(PostgresServer server, JournalSurvival survives)
    {
        var journal = On(server, survives);
        await journal.OpenAsync("test", TestContext.Current.CancellationToken);
        return journal;
    }

    private static async Task<JournalException> CannotOpenAsync(PostgresServer server, JournalSurvival survives)
    {
        await using var journal = On(server, survives);
        var fault = await Assert.ThrowsAsync<JournalException>(() => journal.OpenAsync("test", TestContext.Current.CancellationToken).AsTask());
        Assert.Equal(JournalFailure.Unfit, fault.Failure);
        return fault;
    }

    private static async Task<long> SetAsync(PostgresJournal journal, string key) => await journal.AppendAsync([new(JournalKind.Set, key, Encoding.UTF8.GetBytes(key))], default);

    internal static async Task<long> BackAsync(Func<Task<long>> ask)
    {
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                return await ask();
            }
            catch (JournalException) when (attempt < 200)
            {
                await Task.Delay(100);
            }
        }
    }
}
