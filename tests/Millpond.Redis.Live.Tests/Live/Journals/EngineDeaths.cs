using System.Collections.Concurrent;
using Millpond.Engines.Live;
using Millpond.Journals;
using Millpond.Resp;

namespace Millpond.Redis.Live.Tests.Live.Journals;

/// <summary>The engine ends in the middle of appends, and comes back with all, some or nothing of what it had.</summary>
public sealed class EngineDeaths
{
    private static readonly string[] Always = ["--appendonly", "yes", "--appendfsync", "always"];

    [Fact]
    public async Task A52_what_was_acknowledged_is_there_after_the_engine_was_killed_in_mid_append()
    {
        await using var server = await RedisServer.StartAsync(Always);
        await using var journal = await JournalRig.OpenAsync(server, JournalSurvival.PowerLoss);
        var identity = await IdentityAsync(journal);
        for (var deaths = 0; deaths < 2; deaths++)
        {
            var (acknowledged, unknown) = (new ConcurrentQueue<string>(), new ConcurrentQueue<string>());
            var round = deaths;
            var writers = Enumerable.Range(0, 20).Select(writer => Task.Run(async () =>
            {
                for (var i = 0; ; i++)
                {
                    var key = $"{round}/{writer}/{i}";
                    try
                    {
                        await journal.SetAsync(key, key);
                        acknowledged.Enqueue(key);
                    }
                    catch (JournalException failure)
                    {
                        Assert.NotEqual(JournalFailure.LeadLost, failure.Failure);
                        (failure.Failure == JournalFailure.OutcomeUnknown ? unknown : new()).Enqueue(key);
                        return;
                    }
                }
            })).ToArray();
            while (acknowledged.Count < 300)
            {
                await Task.Delay(5, TestContext.Current.CancellationToken);
            }

            // Stopped first, at whichever moment it is, so that somebody is certainly under way: writers who come together share one call, and between two calls nobody is.
            await server.PauseAsync();
            await Task.Delay(100, TestContext.Current.CancellationToken);
            await server.KillAsync();
            await Task.WhenAll(writers);

            // Whoever was under way is told that nobody knows, and not that nothing was taken.
            Assert.NotEmpty(unknown);
            await server.LaunchAsync();
            await JournalRig.BackAsync(() => journal.SetAsync("back", "again").AsTask());
            foreach (var key in acknowledged)
            {
                Assert.Equal(key, await JournalRig.BackAsync(() => journal.PendingAsync(key)));
            }

            await using var lead = (await journal.TryLeadAsync(TestContext.Current.CancellationToken))!;
            // By a connection of its own, for long answers, which may be back later than the others.
            var records = await JournalRig.BackAsync(() => lead.ReadAsync(lead.Acknowledged, 1_000_000, TestContext.Current.CancellationToken).AsTask());
            Assert.Equal(identity, lead.Identity);
            Assert.Subset(records.Select(record => record.Key).ToHashSet(), acknowledged.ToHashSet());
            Assert.Equal(records.Count, records.Select(record => record.Position).Distinct().Count());
        }
    }

    [Fact]
    public async Task A_copy_that_is_older_gives_no_position_or_token_again_and_ends_the_lead()
    {
        await using var server = await RedisServer.StartAsync();
        await using var admin = new RespClient(RespOptions.Parse(server.Address));
        await using var journal = await JournalRig.OpenAsync(server, JournalSurvival.ProcessDeath);
        var first = await journal.SetAsync("a", "1");
        await admin.ExecuteAsync("SAVE");
        var zombie = (await journal.TryLeadAsync(TestContext.Current.CancellationToken))!;
        var lost = await journal.SetAsync("b", "2");
        await server.KillAsync();
        await server.LaunchAsync();

        // Another process, which has never heard of what is lost.
        await using var other = await JournalRig.OpenAsync(server, JournalSurvival.ProcessDeath);
        var next = await other.SetAsync("c", "3");
        Assert.True(next > lost, $"{next} is above {lost}");
        await using var lead = (await other.TryLeadAsync(TestContext.Current.CancellationToken))!;
        Assert.True(lead.Token > zombie.Token, $"{lead.Token} is above {zombie.Token}");
        var records = await lead.ReadAsync(lead.Acknowledged, 10, TestContext.Current.CancellationToken);
        Assert.Equal([first, next], records.Select(record => record.Position));
        var refusal = await JournalRig.BackAsync(async () =>
        {
            try
            {
                await zombie.AcknowledgeAsync(lost, TestContext.Current.CancellationToken);
                throw new InvalidOperationException("The lead of before acknowledged.");
            }
            catch (JournalException failure) when (failure.Failure == JournalFailure.LeadLost)
            {
                return failure;
            }
        });
        Assert.Equal(ErrorCode.JournalLeadLost, refusal.Code);
        Assert.True(zombie.Lost.IsCancellationRequested);
        Assert.Equal(2, (await lead.ReadAsync(lead.Acknowledged, 10, TestContext.Current.CancellationToken)).Count);
    }

    [Fact]
    public async Task An_engine_that_is_away_is_not_unfit_and_is_opened_when_it_is_back()
    {
        await using var server = await RedisServer.StartAsync();
        await server.KillAsync();
        await using var journal = JournalRig.On(server, JournalSurvival.ProcessDeath);
        var fault = await Assert.ThrowsAsync<JournalException>(() => journal.OpenAsync(JournalRig.Keyspace, TestContext.Current.CancellationToken).AsTask());
        Assert.Equal(JournalFailure.Refused, fault.Failure);
        await server.LaunchAsync();
        await JournalRig.BackAsync(async () =>
        {
            await journal.OpenAsync(JournalRig.Keyspace, TestContext.Current.CancellationToken);
            return true;
        });
        Assert.Equal(1, await journal.SetAsync("a", "1"));
    }

    [Fact]
    public async Task An_engine_that_came_back_empty_has_another_journal()
    {
        await using var server = await RedisServer.StartAsync();
        await using var journal = await JournalRig.OpenAsync(server, JournalSurvival.ProcessDeath);
        var identity = await IdentityAsync(journal);
        var lost = await journal.SetAsync("a", "1");
        var before = (await journal.TryLeadAsync(TestContext.Current.CancellationToken))!;
        Assert.Single(await before.ReadAsync(before.Acknowledged, 10, TestContext.Current.CancellationToken));
        await server.KillAsync();
        await server.LaunchAsync();
        var next = await JournalRig.BackAsync(() => journal.SetAsync("b", "2").AsTask());
        Assert.True(next > lost, $"{next} is above {lost}");

        // What it read would go to the source under the name of the journal that is gone.
        var refusal = await Assert.ThrowsAsync<JournalException>(() => before.ReadAsync(before.Acknowledged, 10, TestContext.Current.CancellationToken).AsTask());
        Assert.Equal(JournalFailure.LeadLost, refusal.Failure);
        Assert.True(before.Lost.IsCancellationRequested);
        Assert.NotEqual(identity, await IdentityAsync(journal));
        Assert.Null(await journal.PendingAsync("a"));
    }

    private static async Task<string> IdentityAsync(IWriteJournal journal)
    {
        await using var lead = (await journal.TryLeadAsync(TestContext.Current.CancellationToken))!;
        return lead.Identity;
    }
}
