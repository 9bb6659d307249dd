using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Millpond.Journals;
using Millpond.Sinks;
using Millpond.Testing.Journals;
using Millpond.Testing.Sinks;
using Millpond.Testing.Time;
using Millpond.Writing.Behind;

namespace Millpond.Tests.Writing.Behind;

/// <summary>Sources that do not take as large a batch in the time that there is.</summary>
public sealed class SlowSource
{
    [Fact]
    public void A_batch_that_takes_longer_than_its_source_lets_it_is_made_smaller_until_it_does_not() => BehindRig.Run(async rig =>
    {
        var (things, behind, _) = rig.Start();
        rig.Source.BeforeApply = batch => batch.Items.Count > 10 ? throw new TimeoutException("too long") : Task.CompletedTask;
        await WriteAsync(things, 100);
        rig.Pass(TimeSpan.FromMinutes(5));
        Assert.Equal((100, 0), (rig.Source.Rows.Count, behind.Statistics().DeadLetters));

        // What passes is forgotten.
        rig.Source.BeforeApply = null;
        await WriteAsync(things, 400);
        rig.Pass(TimeSpan.FromMinutes(1));
        Assert.InRange(rig.Events.Batches.Max(), 11, 400);
    });

    [Fact]
    public void After_failures_in_a_row_batches_grow_slowly_and_after_a_refusal_quickly()
    {
        var failed = new BatchSize(new WriteBehindOptions { BatchRecordsMax = 1_000 });
        for (var i = 1; i < BatchSize.FailuresInARow; i++)
        {
            failed.DidNotEnd(1_000);
        }

        Assert.Equal(1_000, failed.Records);
        failed.DidNotEnd(1_000);
        failed.DidNotEnd(400);
        Assert.Equal(200, failed.Records);
        failed.Ended();
        Assert.Equal(225, failed.Records);
        var refused = new BatchSize(new WriteBehindOptions { BatchRecordsMax = 1_000 });
        refused.WasRefused(1_000);
        refused.WasRefused(500);
        refused.Ended();
        Assert.Equal(500, refused.Records);
        refused.Ended();
        refused.Ended();
        Assert.Equal(1_000, refused.Records);
    }

    [Fact]
    public void A_batch_that_no_lead_outlives_is_made_smaller_until_one_does()
    {
        var surroundings = new SimulatedSurroundings(seed: 1);
        var (store, source) = (new InMemoryJournalStore(surroundings), new InMemorySink<int, long>());
        store.Append([.. Enumerable.Range(0, 100).Select(key => new JournalWrite(JournalKind.Increment, $"{key}", default, 1))]);
        var services = new ServiceCollection();
        services.AddSingleton<Millpond.Runtime.Surroundings>(surroundings);
        services.AddMillpond(m => m.AddMergedCounters<int>("views", _ => new HookedJournal(store.NewJournal()) { OfLead = lead => new ShortLead(lead, surroundings) }, _ => new SlowSink(source, surroundings)));
        surroundings.Run(async () =>
        {
            await using var program = services.BuildServiceProvider();
            foreach (var service in program.GetServices<IHostedService>())
            {
                await service.StartAsync(CancellationToken.None);
            }

            for (var passed = 0; passed < 3_000; passed++)
            {
                surroundings.RunUntilIdle();
                surroundings.Clock.Advance(TimeSpan.FromMilliseconds(100));
            }

            surroundings.RunUntilIdle();
            Assert.Equal(100, source.Sums.Count);
            Assert.All(source.Sums.Values, sum => Assert.Equal(1, sum));
        });
    }

    private static async Task WriteAsync(IKeyspace<int, string> things, int count)
    {
        for (var key = 0; key < count; key++)
        {
            await things.WriteAsync(key, "v");
        }
    }

    /// <summary>Takes a tenth of a second for each row.</summary>
    private sealed class SlowSink(IWriteSink<int, long> sink, SimulatedSurroundings surroundings) : IWriteSink<int, long>
    {
        public ValueTask<long> TakeOverAsync(SinkLead lead, string lane, CancellationToken cancellationToken) => sink.TakeOverAsync(lead, lane, cancellationToken);

        public async ValueTask ApplyAsync(SinkBatch<int, long> batch, CancellationToken cancellationToken)
        {
            await surroundings.Delay(TimeSpan.FromMilliseconds(100 * batch.Items.Count), cancellationToken);
            await sink.ApplyAsync(batch, cancellationToken);
        }
    }

    /// <summary>Lost after two seconds, as the leads of a process are that does not come to give signs of life.</summary>
    private sealed class ShortLead : IJournalLead
    {
        private readonly IJournalLead _lead;
        private readonly CancellationTokenSource _lost;

        public ShortLead(IJournalLead lead, SimulatedSurroundings surroundings) => (_lead, _lost) = (lead, new CancellationTokenSource(TimeSpan.FromSeconds(2), surroundings.Time));

        public string Identity => _lead.Identity;

        public long Token => _lead.Token;

        public long Acknowledged => _lead.Acknowledged;

        public CancellationToken Lost => _lost.Token;

        public ValueTask<IReadOnlyList<JournalRecord>> ReadAsync(long after, int recordsMax, CancellationToken cancellationToken) => _lead.ReadAsync(after, recordsMax, cancellationToken);

        public ValueTask WaitAsync(long after, CancellationToken cancellationToken) => _lead.WaitAsync(after, cancellationToken);

        public ValueTask AcknowledgeAsync(long through, CancellationToken cancellationToken) => _lead.AcknowledgeAsync(through, cancellationToken);

        public ValueTask BuryAsync(IReadOnlyList<JournalRecord> records, string reason, CancellationToken cancellationToken) => _lead.BuryAsync(records, reason, cancellationToken);

        public ValueTask RemoveAsync(string key, long through, Settlement settlement, CancellationToken cancellationToken) => _lead.RemoveAsync(key, through, settlement, cancellationToken);

        public async ValueTask DisposeAsync()
        {
            _lost.Dispose();
            await _lead.DisposeAsync();
        }
    }
}
