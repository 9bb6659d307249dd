using Millpond.Tests.Rig;

namespace Millpond.Tests.Reading;

public sealed class FailingSource
{
    [Fact]
    public void It_is_asked_once_a_second_for_a_key_that_has_a_stale_value() => Caches.Run(async caches =>
    {
        var source = new Source { [7] = "seven" };
        var things = caches.Add(source, k => k.Policy(p =>
        {
            p.TimeToLive = TimeSpan.FromMinutes(1);
            p.StaleIfError = TimeSpan.FromMinutes(10);
        }));
        await things.GetAsync(7);
        caches.Advance(TimeSpan.FromMinutes(2));
        source.Failure = new IOException("The source is away.");

        for (var n = 0; n < 100; n++)
        {
            Assert.Equal("seven", await things.GetAsync(7));
            caches.Advance(TimeSpan.FromMilliseconds(100));
        }

        // Ten seconds, a pause of 0.5 to 1.5 seconds between two attempts.
        Assert.InRange(source.Loads - 1, 6, 20);
        source.Failure = null;
        source[7] = "seven again";
        caches.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal("seven again", await things.GetAsync(7));
    });

    [Fact]
    public void A_stale_value_of_the_shared_tier_is_kept_here_meanwhile() => Caches.Run(async caches =>
    {
        var source = new Source { [7] = "seven" };
        Action<KeyspaceBuilder<int, string>> patient = k => k.Policy(p =>
        {
            p.TimeToLive = TimeSpan.FromMinutes(1);
            p.StaleIfError = TimeSpan.FromMinutes(10);
        });
        await caches.Add(source, patient).GetAsync(7);
        caches.Advance(TimeSpan.FromMinutes(2));
        source.Failure = new IOException("The source is away.");
        var there = caches.Add(source, patient);

        for (var n = 0; n < 10; n++)
        {
            Assert.Equal("seven", await there.GetAsync(7));
        }

        Assert.Equal(2, source.Loads);
    }, sharedBytes: 1 << 20);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_value_whose_key_changed_during_the_load_stands_in_for_nothing(bool isSlow) => Caches.Run(async caches =>
    {
        // R holds v1, expired; R begins to load; W changes the key; R's load fails, or is slow. v1 is not stale but wrong now.
        var source = new Source { [7] = "v1" };
        Action<KeyspaceBuilder<int, string>> declare = k => k.Policy(p =>
        {
            p.TimeToLive = TimeSpan.FromMinutes(1);
            p.StaleIfError = TimeSpan.FromMinutes(10);
            p.SoftTimeout = TimeSpan.FromMilliseconds(isSlow ? 100 : 0);
        });
        var reader = caches.Add(source, declare);
        var writer = caches.Add(source, declare);
        await reader.GetAsync(7);
        caches.Advance(TimeSpan.FromMinutes(2));
        source.Hold();
        var read = reader.GetAsync(7).AsTask();
        caches.Settle();
        await writer.InvalidateAsync(7);
        caches.Advance(TimeSpan.FromMilliseconds(200));
        source.Failure = new IOException("The source is away.");
        source.Release();

        var failure = await Assert.ThrowsAsync<MillpondException>(() => read);
        Assert.Equal(ErrorCode.LoadFailed, failure.Code);
    }, sharedBytes: 1 << 20);

    [Fact]
    public void Without_a_stale_value_every_read_hears_the_failure() => Caches.Run(async caches =>
    {
        var source = new Source { Failure = new IOException("The source is away.") };
        var things = caches.Add(source);

        for (var n = 0; n < 3; n++)
        {
            var failure = await Assert.ThrowsAsync<MillpondException>(() => things.GetAsync(7).AsTask());
            Assert.Equal(ErrorCode.LoadFailed, failure.Code);
            Assert.IsType<IOException>(failure.InnerException);
        }

        Assert.Equal(3, source.Loads);
    });
}
