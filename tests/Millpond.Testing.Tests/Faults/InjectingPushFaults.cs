using Millpond.Shared;
using Millpond.Shared.InProcess;
using Millpond.Testing.Faults;
using Millpond.Testing.Time;
using Xunit;

namespace Millpond.Testing.Tests.Faults;

public sealed class InjectingPushFaults
{
    private static readonly PartitionId Partition = new("shop:product:v1", 0);

    private readonly SimulatedSurroundings _surroundings = new(1);
    private readonly FaultySharedTier _tier;
    private readonly Sink _sink = new();

    public InjectingPushFaults() => _tier = new FaultySharedTier(new InProcessSharedTier(null, _surroundings), _surroundings, 1);

    [Fact]
    public async Task Passes_pushes_on_when_no_fault_is_asked_for()
    {
        await using IAsyncDisposable subscription = await SubscribedAsync();
        await ChangeAsync(2);
        Assert.Equal([1, 2], _sink.Sequences);
    }

    [Fact]
    public async Task Loses_pushes_all_of_them_or_some()
    {
        await using IAsyncDisposable subscription = await SubscribedAsync();
        _tier.Pushes.AreLost = true;
        await ChangeAsync(10);
        Assert.Empty(_sink.Sequences);

        (_tier.Pushes.AreLost, _tier.Pushes.Loss) = (false, 0.5);
        await ChangeAsync(200);
        Assert.InRange(_sink.Sequences.Count, 70, 130);
    }

    [Fact]
    public async Task Repeats_pushes()
    {
        await using IAsyncDisposable subscription = await SubscribedAsync();
        _tier.Pushes.AreRepeated = true;
        await ChangeAsync(2);
        Assert.Equal([1, 1, 2, 2], _sink.Sequences);
    }

    [Fact]
    public async Task Holds_pushes_and_delivers_them_in_order_or_reversed()
    {
        await using IAsyncDisposable subscription = await SubscribedAsync();
        _tier.Pushes.AreHeld = true;
        await ChangeAsync(2);
        Assert.Empty(_sink.Sequences);
        _tier.Pushes.DeliverHeld();
        await ChangeAsync(2);
        _tier.Pushes.DeliverHeldReversed();
        Assert.Equal([1, 2, 4, 3], _sink.Sequences);
    }

    [Fact]
    public async Task Delays_pushes_and_lets_them_overtake_each_other()
    {
        await using IAsyncDisposable subscription = await SubscribedAsync();
        _tier.Pushes.Delay = TimeSpan.FromSeconds(1);
        await ChangeAsync(1);
        _surroundings.Clock.Advance(TimeSpan.FromSeconds(0.9));
        Assert.Empty(_sink.Sequences);
        _surroundings.Clock.Advance(TimeSpan.FromSeconds(0.1));
        Assert.Equal([1], _sink.Sequences);

        _tier.Pushes.Jitter = TimeSpan.FromSeconds(1);
        await ChangeAsync(20);
        _surroundings.Clock.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(21, _sink.Sequences.Count);
        Assert.NotEqual(_sink.Sequences.Order(), _sink.Sequences);
    }

    [Fact]
    public async Task Breaks_channels_with_a_word_or_in_silence_and_new_ones_work()
    {
        await using IAsyncDisposable first = await SubscribedAsync();
        _tier.Pushes.AreHeld = true;
        await ChangeAsync(1);
        _tier.Pushes.BreakChannels("cable cut");
        _tier.Pushes.AreHeld = false;
        _tier.Pushes.DeliverHeld();
        await ChangeAsync(1);
        Assert.Equal("cable cut", Assert.Single(_sink.Broken));
        Assert.Empty(_sink.Sequences);

        await using IAsyncDisposable second = await SubscribedAsync();
        await ChangeAsync(1);
        _tier.Pushes.SilenceChannels();
        await ChangeAsync(1);
        Assert.Equal([3], _sink.Sequences);
        Assert.Single(_sink.Broken);
    }

    [Fact]
    public async Task Ends_a_subscription_whose_reply_was_lost()
    {
        _tier.Operations.FailNext(SharedOperation.Subscribe, FaultPoint.AfterEffect);
        await Assert.ThrowsAsync<SharedTierException>(SubscribedAsync);
        await ChangeAsync(1);
        Assert.Empty(_sink.Sequences);
    }

    private Task<IAsyncDisposable> SubscribedAsync() => _tier.SubscribeAsync(Partition, _sink, default).AsTask();

    private async Task ChangeAsync(int count)
    {
        for (; count > 0; count--)
            await _tier.ChangeAsync(Partition, [Change.OfKey("17")], default);
    }

    private sealed class Sink : IPushSink
    {
        public List<long> Sequences { get; } = [];

        public List<string> Broken { get; } = [];

        public void OnChange(PartitionId partition, Incarnation incarnation, in SequencedChange change) => Sequences.Add(change.Sequence);

        public void OnBroken(PartitionId partition, string reason) => Broken.Add(reason);
    }
}
