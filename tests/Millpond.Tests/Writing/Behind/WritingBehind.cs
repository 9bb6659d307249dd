using Microsoft.Extensions.DependencyInjection;
using Millpond.Journals;
using Millpond.Sinks;

namespace Millpond.Tests.Writing.Behind;

/// <summary>Keyspaces whose writes are journaled.</summary>
public sealed class WritingBehind
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(1);

    [Fact]
    public void A_write_is_read_at_once_and_is_in_the_source_soon() => BehindRig.Run(async rig =>
    {
        var (things, behind, _) = rig.Start();
        Assert.Equal(WriteResultKind.Journaled, (await things.WriteAsync(7, "new")).Kind);
        Assert.Equal("new", await things.GetAsync(7));
        Assert.Empty(rig.Source.Rows);
        rig.Pass(TimeSpan.FromSeconds(1));
        Assert.Equal("new", rig.Source.Rows[7]);
        Assert.Equal(0, rig.Loads);
        Assert.Equal((1, 1, 0), (behind.Statistics().Appended, behind.Statistics().Flushed, behind.Statistics().Records));
    });

    [Fact]
    public void A_delete_is_read_at_once_too() => BehindRig.Run(async rig =>
    {
        rig.Source.Put(7, "old");
        var (things, _, _) = rig.Start();
        Assert.Equal("old", await things.GetAsync(7));
        await things.DeleteAsync(7);
        Assert.Null(await things.GetAsync(7));
        rig.Pass(TimeSpan.FromSeconds(1));
        Assert.Empty(rig.Source.Rows);
        Assert.Null(await things.GetAsync(7));
    });

    [Fact]
    public void A_batch_read_finds_what_is_pending_and_loads_the_rest() => BehindRig.Run(async rig =>
    {
        rig.Source.Put(8, "eight");
        var (things, _, _) = rig.Start(o => o.FlushDelay = Long);
        await things.WriteAsync(7, "seven");
        await things.InvalidateAsync(7);
        var found = await things.GetManyAsync([7, 8, 9]);
        Assert.Equal(["seven", "eight"], [found[7], found[8]]);
        Assert.Equal(2, rig.Loads);
    });

    [Fact]
    public void Of_many_writes_of_a_key_in_a_batch_the_last_one_goes_to_the_source() => BehindRig.Run(async rig =>
    {
        var (things, behind, _) = rig.Start();
        for (var i = 0; i < 50; i++)
        {
            await things.WriteAsync(i % 5, $"v{i}");
        }

        rig.Pass(TimeSpan.FromSeconds(1));
        Assert.Equal(["v45", "v46", "v47", "v48", "v49"], rig.Source.Rows.OrderBy(row => row.Key).Select(row => row.Value));
        Assert.Equal((50, 5, 1), (behind.Statistics().Flushed, behind.Statistics().Items, behind.Statistics().Batches));
    });

    [Theory]
    [InlineData(1000, 1)]
    [InlineData(4, 3)]
    public void A_batch_takes_no_more_than_it_may(int recordsMax, int batches) => BehindRig.Run(async rig =>
    {
        var (things, _, _) = rig.Start(o => o.BatchRecordsMax = recordsMax);
        for (var key = 0; key < 12; key++)
        {
            await things.WriteAsync(key, "v");
        }

        rig.Pass(TimeSpan.FromSeconds(1));
        Assert.Equal(batches, rig.Events.Batches.Count);
        Assert.Equal(12, rig.Source.Rows.Count);
    });

    [Theory]
    [InlineData(0, true)]
    [InlineData(30, false)]
    public void A_batch_waits_for_others_as_long_as_it_may(int seconds, bool isFlushed) => BehindRig.Run(async rig =>
    {
        var (things, _, _) = rig.Start(o => o.FlushDelay = TimeSpan.FromSeconds(seconds));
        await things.WriteAsync(7, "v");
        rig.Pass(TimeSpan.FromSeconds(10));
        Assert.Equal(isFlushed, rig.Source.Rows.ContainsKey(7));
        rig.Pass(TimeSpan.FromSeconds(30));
        Assert.True(rig.Source.Rows.ContainsKey(7));
    });

    [Fact]
    public void Whoever_asks_for_it_has_all_flushed_without_waiting() => BehindRig.Run(async rig =>
    {
        var (things, behind, _) = rig.Start(o => o.FlushDelay = Long);
        await things.WriteAsync(7, "v");
        await behind.FlushAsync();
        Assert.Equal("v", rig.Source.Rows[7]);
        Assert.True(rig.Surroundings.Clock.Elapsed < TimeSpan.FromSeconds(5));
    });

    [Fact]
    public void A_source_that_is_away_loses_nothing_and_is_tried_until_it_is_back() => BehindRig.Run(async rig =>
    {
        var (things, behind, _) = rig.Start();
        rig.Source.BeforeApply = _ => throw new TimeoutException("away");
        await things.WriteAsync(7, "v");
        rig.Pass(Long);
        Assert.Equal((FlusherState.Failing, "away", 0), (behind.Statistics().State, behind.Statistics().LastFailure, behind.Statistics().DeadLetters));
        Assert.True(behind.Statistics().Failures > 3);
        rig.Source.BeforeApply = null;
        rig.Pass(Long);
        Assert.Equal("v", rig.Source.Rows[7]);
        Assert.Equal((FlusherState.Flushing, null), (behind.Statistics().State, behind.Statistics().LastFailure));
    });

    [Theory]
    [InlineData(1, 30)]
    [InlineData(60, 4)]
    public void A_failing_source_is_asked_no_more_often_than_the_pause_says(int pauseSeconds, int attemptsMin) => BehindRig.Run(async rig =>
    {
        var (things, behind, _) = rig.Start(o => o.RetryPauseMax = TimeSpan.FromSeconds(pauseSeconds));
        rig.Source.BeforeApply = _ => throw new TimeoutException("away");
        await things.WriteAsync(7, "v");
        rig.Pass(TimeSpan.FromSeconds(60));
        Assert.InRange(behind.Statistics().Failures, attemptsMin, pauseSeconds == 1 ? 140 : 25);
        rig.Source.BeforeApply = null;
    });

    [Fact]
    public void An_answer_that_was_lost_makes_no_write_twice() => BehindRig.Run(async rig =>
    {
        var (things, _, _) = rig.Start();
        var lost = 1;
        rig.Source.AfterApply = _ => lost-- > 0 ? throw new TimeoutException() : Task.CompletedTask;
        await things.WriteAsync(7, "v");
        rig.Pass(Long);
        Assert.Single(rig.Source.History);
    });

    [Fact]
    public void The_next_instance_flushes_what_one_left_behind() => BehindRig.Run(async rig =>
    {
        var (things, _, _) = rig.Start(o => (o.FlushDelay, o.DrainMax) = (Long, TimeSpan.Zero));
        await things.WriteAsync(7, "v");
        await rig.StopAsync();
        Assert.Empty(rig.Source.Rows);
        var (again, behind, _) = rig.Start();
        Assert.Equal("v", await again.GetAsync(7));
        rig.Pass(TimeSpan.FromSeconds(2));
        Assert.Equal("v", rig.Source.Rows[7]);
        Assert.Equal(FlusherState.Flushing, behind.Statistics().State);
    });

    [Fact]
    public void The_end_of_the_program_waits_for_the_journal() => BehindRig.Run(async rig =>
    {
        var (things, _, _) = rig.Start(o => (o.FlushDelay, o.DrainMax) = (Long, Long));
        await things.WriteAsync(7, "v");
        rig.Surroundings.RunUntilIdle();
        await rig.StopAsync();
        Assert.Equal("v", rig.Source.Rows[7]);
    });

    [Fact]
    public void Of_two_instances_one_flushes_and_both_read_what_is_pending() => BehindRig.Run(async rig =>
    {
        var (one, first, _) = rig.Start(o => o.FlushDelay = Long);
        await one.WriteAsync(7, "v");
        var (two, second, _) = rig.Start(o => o.FlushDelay = Long);
        Assert.Equal("v", await two.GetAsync(7));
        rig.Pass(TimeSpan.FromSeconds(1));
        Assert.Equal((FlusherState.Flushing, FlusherState.Standby), (first.Statistics().State, second.Statistics().State));
        var fault = await Assert.ThrowsAsync<MillpondException>(() => second.RetryDeadLettersAsync().AsTask());
        Assert.Equal(ErrorCode.JournalLeadLost, fault.Code);
    });

    [Fact]
    public void A_writer_and_write_behind_at_once_are_a_fault() => BehindRig.Run(rig =>
    {
        var services = new ServiceCollection();
        services.AddMillpond(m => m.AddKeyspace<int, string>("thing", k => k
            .Write((_, _, _) => default)
            .WriteBehind(_ => rig.Store.NewJournal(), (SinkBatch<int, string> _, CancellationToken _) => default, o => o.BatchRecordsMax = 0)));
        using var provider = services.BuildServiceProvider();
        var fault = Assert.Throws<MillpondException>(() => provider.GetRequiredService<ICache>());
        Assert.Contains("BatchRecordsMax is 0", fault.Message, StringComparison.Ordinal);
        Assert.Contains("both a writer (Write) and write-behind", fault.Message, StringComparison.Ordinal);
        return Task.CompletedTask;
    });
}
