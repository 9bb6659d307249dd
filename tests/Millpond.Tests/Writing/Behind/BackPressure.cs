using Millpond.Journals;

namespace Millpond.Tests.Writing.Behind;

/// <summary>Journals that are full, refuse, or do not say.</summary>
public sealed class BackPressure
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(1);

    [Theory]
    [InlineData(3, 1 << 20)]
    [InlineData(1 << 20, 20)]
    public void A_full_journal_refuses_after_a_wait_and_says_so(int recordsMax, int bytesMax) => BehindRig.Run(async rig =>
    {
        var (things, behind, _) = rig.Start(o => (o.PendingRecordsMax, o.PendingBytesMax, o.FlushDelay, o.FullWaitMax) = (recordsMax, bytesMax, Long, TimeSpan.FromSeconds(2)));
        for (var key = 0; key < 3; key++)
        {
            await things.WriteAsync(key, "v");
        }

        var before = rig.Surroundings.Clock.Elapsed;
        var fault = await Assert.ThrowsAsync<MillpondException>(() => things.WriteAsync(3, "v").AsTask());
        Assert.Equal(ErrorCode.JournalFull, fault.Code);
        Assert.InRange(rig.Surroundings.Clock.Elapsed - before, TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(3));
        Assert.Equal((3, 1), (behind.Statistics().Records, behind.Statistics().Refused));
        Assert.Null(await things.GetAsync(3));
    });

    [Fact]
    public void A_write_that_waits_goes_on_when_there_is_room() => BehindRig.Run(async rig =>
    {
        var (things, behind, _) = rig.Start(o => (o.PendingRecordsMax, o.FlushDelay, o.FullWaitMax) = (1, Long, Long));
        await things.WriteAsync(7, "first");
        var second = things.WriteAsync(8, "second").AsTask();
        rig.Surroundings.RunUntilIdle();
        Assert.False(second.IsCompleted);
        await behind.FlushAsync();
        rig.Pass(TimeSpan.FromSeconds(1));
        Assert.Equal(WriteResultKind.Journaled, (await second).Kind);
    });

    [Fact]
    public void A_refused_write_leaves_everything_as_it_was() => BehindRig.Run(async rig =>
    {
        rig.Source.Put(7, "old");
        var (things, _, _) = rig.Start();
        Assert.Equal("old", await things.GetAsync(7));
        rig.Store.AppendsFail = JournalFailure.Refused;
        var fault = await Assert.ThrowsAsync<JournalException>(() => things.WriteAsync(7, "new").AsTask());
        Assert.Equal(ErrorCode.JournalRefused, fault.Code);
        Assert.Equal("old", await things.GetAsync(7));
        rig.Pass(Long);
        Assert.Equal("old", await things.GetAsync(7));
        Assert.Empty(rig.Source.History);
    });

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_write_of_unknown_outcome_is_read_as_it_turned_out(bool isTaken) => BehindRig.Run(async rig =>
    {
        rig.Source.Put(7, "old");
        var (things, _, _) = rig.Start();
        Assert.Equal("old", await things.GetAsync(7));
        (rig.Store.AppendsFail, rig.Store.TakesUnknown) = (JournalFailure.OutcomeUnknown, isTaken);
        var fault = await Assert.ThrowsAsync<JournalException>(() => things.WriteAsync(7, "new").AsTask());
        Assert.Equal(ErrorCode.JournalOutcomeUnknown, fault.Code);
        rig.Store.AppendsFail = null;
        Assert.Equal(isTaken ? "new" : "old", await things.GetAsync(7));
        rig.Pass(TimeSpan.FromSeconds(1));
        Assert.Equal(isTaken ? "new" : "old", rig.Source.Rows[7]);
    });

    [Theory]
    [InlineData(5, true)]
    [InlineData(600, false)]
    public void An_alarm_is_raised_when_the_source_lags_and_taken_back(int alarmSeconds, bool isLate) => BehindRig.Run(async rig =>
    {
        var (things, behind, _) = rig.Start(o => o.LagAlarm = TimeSpan.FromSeconds(alarmSeconds));
        rig.Source.BeforeApply = _ => throw new TimeoutException("away");
        await things.WriteAsync(7, "v");
        rig.Pass(Long);
        Assert.Equal(isLate, behind.Statistics().IsLate);
        rig.Source.BeforeApply = null;
        rig.Pass(Long);
        Assert.Equal(isLate ? [true, false] : [], rig.Events.Late);
    });
}
