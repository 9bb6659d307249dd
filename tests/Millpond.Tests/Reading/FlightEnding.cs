using Millpond.Events;
using Millpond.Local;
using Millpond.Reading;
using Millpond.Runtime;

namespace Millpond.Tests.Reading;

/// <summary>The end of a flight, which makes nothing for waiters who do not come, and forgets none who do.</summary>
public sealed class FlightEnding
{
    private static readonly WaitParts<string> Parts = new(Surroundings.Real, new WaitReports("thing", new KeyspaceCounters(), CacheListener.Deaf, Surroundings.Real), _ => { });

    [Fact]
    public async Task Whoever_waits_before_the_end_is_told()
    {
        var flight = new End();
        var waited = flight.Completion;
        Assert.True(flight.Waits.TryWait<string, AsHeld<string>>(flight, default, default, out var plain));
        Assert.False(flight.TryGetAnswer(out _));
        flight.Answer(Of("seven"));
        Assert.Equal("seven", (await waited).Entry!.Value);
        Assert.Equal("seven", await plain);
        Assert.True(flight.TryGetAnswer(out _));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Whoever_comes_after_the_end_finds_the_answer(bool canBeCancelled)
    {
        using var stop = new CancellationTokenSource();
        var flight = new End();
        flight.Answer(Of("seven"));
        Assert.True(flight.HasEnded);
        Assert.False(flight.Waits.TryWait<string, AsHeld<string>>(flight, default, canBeCancelled ? stop.Token : default, out _));
        Assert.Equal("seven", (await flight.Completion).Entry!.Value);
        Assert.True(flight.TryGetAnswer(out var answer));
        Assert.Equal("seven", answer.Entry!.Value);
    }

    [Fact]
    public async Task A_failure_is_no_answer()
    {
        var (before, after) = (new End(), new End());
        var waited = before.Completion;
        before.Fail(new IOException("cut"));
        after.Fail(new IOException("cut"));
        await Assert.ThrowsAsync<IOException>(() => waited);
        await Assert.ThrowsAsync<IOException>(() => after.Completion);
        Assert.False(after.TryGetAnswer(out _));
        Assert.True(after.HasEnded);
    }

    [Fact]
    public async Task Only_the_first_end_counts()
    {
        var flight = new End();
        flight.Answer(Of("first"));
        flight.Answer(Of("second"));
        flight.Fail(new IOException());
        Assert.Equal("first", (await flight.Completion).Entry!.Value);
    }

    [Fact]
    public async Task Of_many_who_come_while_it_ends_nobody_is_forgotten()
    {
        for (var round = 0; round < 2_000; round++)
        {
            var flight = new End();
            using var together = new Barrier(3);
            var conditional = Task.Run(() =>
            {
                together.SignalAndWait();
                return flight.Completion;
            });
            var plain = Task.Run(async () =>
            {
                together.SignalAndWait();
                return flight.Waits.TryWait<string, AsHeld<string>>(flight, default, default, out var wait) ? await wait
                    : flight.TryGetAnswer(out var answer) ? answer.Entry!.Value : "forgotten";
            });
            together.SignalAndWait();
            flight.Answer(Of("seven"));
            Assert.Equal("seven", (await conditional.WaitAsync(TimeSpan.FromSeconds(30))).Entry!.Value);
            Assert.Equal("seven", await plain.WaitAsync(TimeSpan.FromSeconds(30)));
        }
    }

    private static Answer<string> Of(string value) => new(Rig.Entries.Of(value), ReadOrigin.Source, StaleReason.None);

    private sealed class End() : FlightEnd<string>(Parts);
}
