using Microsoft.Extensions.DependencyInjection;
using Millpond.Tests.Rig;
using Xunit;

namespace Millpond.Tests.Coordination;

/// <summary>Locks among processes, for those who ask.</summary>
public sealed class Locking
{
    private static readonly TimeSpan Time = TimeSpan.FromSeconds(10);

    [Fact]
    public void One_holds_a_lock_at_a_time_and_tokens_only_rise() => Caches.Run(async caches =>
    {
        var (here, there) = (Add(caches), Add(caches));
        var first = (await here.TryLockAsync("job", Time))!;
        Assert.Null(await there.TryLockAsync("job", Time));
        Assert.NotNull(await there.TryLockAsync("another", Time));
        Assert.Equal(Time, first.TimeLeft);
        await first.DisposeAsync();
        Assert.Equal(TimeSpan.Zero, first.TimeLeft);
        var second = (await there.TryLockAsync("job", Time))!;
        Assert.True(second.FencingToken > first.FencingToken);
        await first.DisposeAsync();
        Assert.Null(await here.TryLockAsync("job", Time));
    });

    [Fact]
    public void A_lock_ends_with_its_time_unless_it_is_extended() => Caches.Run(async caches =>
    {
        var (here, there) = (Add(caches), Add(caches));
        var held = (await here.TryLockAsync("job", Time))!;
        caches.Advance(TimeSpan.FromSeconds(9));
        Assert.True(await held.ExtendAsync());
        caches.Advance(TimeSpan.FromSeconds(9));
        Assert.Null(await there.TryLockAsync("job", Time));
        caches.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(TimeSpan.Zero, held.TimeLeft);
        Assert.NotNull(await there.TryLockAsync("job", Time));
        Assert.False(await held.ExtendAsync());
    });

    [Fact]
    public void A_lock_that_somebody_else_had_in_between_cannot_be_extended() => Caches.Run(async caches =>
    {
        var (here, there) = (Add(caches), Add(caches));
        var paused = (await here.TryLockAsync("job", Time))!;
        caches.Advance(Time);
        await (await there.TryLockAsync("job", Time))!.DisposeAsync();
        Assert.False(await paused.ExtendAsync());

        // And what the attempt took, it gave back.
        Assert.NotNull(await there.TryLockAsync("job", Time));
    });

    [Fact]
    public void Whoever_is_patient_gets_the_lock_when_it_is_given_back() => Caches.Run(async caches =>
    {
        var (here, there) = (Add(caches), Add(caches));
        var held = (await here.TryLockAsync("job", TimeSpan.FromHours(1)))!;
        var waiting = there.TryLockAsync("job", Time, patience: TimeSpan.FromMinutes(1)).AsTask();
        caches.Advance(TimeSpan.FromSeconds(30));
        Assert.False(waiting.IsCompleted);
        await held.DisposeAsync();
        Assert.True((await waiting)!.FencingToken > held.FencingToken);
        Assert.Null(await here.TryLockAsync("job", Time, patience: TimeSpan.FromSeconds(5)));
    });

    [Fact]
    public void Tokens_rise_also_after_the_shared_tier_has_lost_them() => Caches.Run(async caches =>
    {
        var cache = Add(caches);
        var before = (await cache.TryLockAsync("job", Time))!;
        caches.Advance(TimeSpan.FromMilliseconds(1));
        caches.Shared.RestartEmpty();
        var after = (await cache.TryLockAsync("job", Time))!;
        Assert.True(after.FencingToken > before.FencingToken);
    });

    [Fact]
    public void A_lock_is_given_back_without_a_word_where_the_shared_tier_is_away() => Caches.Run(async caches =>
    {
        var faulty = caches.Faulty();
        var cache = caches.Add(_ => { }, faulty).GetRequiredService<ICache>();
        var held = (await cache.TryLockAsync("job", Time))!;
        faulty.Operations.IsDown = true;
        await held.DisposeAsync();
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => cache.TryLockAsync("job", TimeSpan.Zero).AsTask());
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => cache.TryLockAsync("job", TimeSpan.FromDays(2)).AsTask());
        await Expect.Error(ErrorCode.KeyCharacters, () => cache.TryLockAsync("a\0", Time));
    });

    private static ICache Add(Caches caches) => caches.Add(_ => { }).GetRequiredService<ICache>();
}
