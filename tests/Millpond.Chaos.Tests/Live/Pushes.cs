using Millpond.Chaos.Live.Directing;

namespace Millpond.Chaos.Tests.Live;

public class Pushes
{
    [Fact]
    public async Task A_change_is_pushed_into_another_process_long_before_its_heartbeat()
    {
        var times = await PushTimes.MeasureAsync(100, seed: 1);
        TestContext.Current.SendDiagnosticMessage(times.ToString());
        Assert.Equal(100, times.Count);

        // The goal is a p99 under 5 ms on a machine that does nothing else; ./chaos --push measures it. A heartbeat takes up to a second.
        Assert.True(times.P50 < TimeSpan.FromMilliseconds(50), times.ToString());
    }
}
