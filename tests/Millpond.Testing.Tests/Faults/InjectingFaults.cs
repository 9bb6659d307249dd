using Millpond.Shared;
using Millpond.Shared.InProcess;
using Millpond.Testing.Faults;
using Millpond.Testing.Time;
using Xunit;

namespace Millpond.Testing.Tests.Faults;

public sealed class InjectingFaults
{
    private static readonly PartitionId Partition = new("shop:product:v1", 0);
    private static readonly SharedKey Key = new(Partition, "17");

    private readonly SimulatedSurroundings _surroundings = new(1);
    private readonly FaultySharedTier _tier;

    public InjectingFaults() => _tier = new FaultySharedTier(new InProcessSharedTier(null, _surroundings), _surroundings, 1);

    [Fact]
    public void Declares_that_pushes_may_be_lost()
    {
        Assert.False(_tier.Capabilities.PushIsLossless);
        Assert.Equal(TimeSpan.FromSeconds(1), _tier.Capabilities.HeartbeatPeriod);
        var other = new FaultySharedTier(new InProcessSharedTier()) { HeartbeatPeriod = TimeSpan.FromSeconds(9) };
        Assert.Equal(TimeSpan.FromSeconds(9), other.Capabilities.HeartbeatPeriod);
    }

    [Fact]
    public void Loses_a_request_before_the_tier_sees_it_and_a_reply_after() => _surroundings.Run(async () =>
    {
        _tier.Operations.FailNext(SharedOperation.Count, FaultPoint.BeforeEffect);
        await Assert.ThrowsAsync<SharedTierException>(() => Add(1));
        Assert.Equal(1, await Add(1));

        _tier.Operations.FailNext(SharedOperation.Count, FaultPoint.AfterEffect, times: 2);
        await Assert.ThrowsAsync<SharedTierException>(() => Add(1));
        await Assert.ThrowsAsync<SharedTierException>(() => Add(1));
        Assert.Equal(4, await Add(1));
        Assert.Equal(5, _tier.Operations.Count(SharedOperation.Count));
    });

    [Fact]
    public void Fails_as_often_as_the_rates_say() => _surroundings.Run(async () =>
    {
        (_tier.Operations.LossOfRequests, _tier.Operations.LossOfReplies) = (0.2, 0.1);
        int failed = 0;
        for (int i = 0; i < 1_000; i++)
        {
            if (await Record.ExceptionAsync(() => Add(1)) is SharedTierException)
                failed++;
        }

        (_tier.Operations.LossOfRequests, _tier.Operations.LossOfReplies) = (0, 0);
        Assert.InRange(failed, 230, 330);
        Assert.InRange(await Add(0), 760, 840);
    });

    [Fact]
    public void Is_down_until_it_is_up() => _surroundings.Run(async () =>
    {
        _tier.Operations.IsDown = true;
        await Assert.ThrowsAsync<SharedTierException>(() => _tier.ReadAsync(Key, null, default).AsTask());
        _tier.Operations.IsDown = false;
        await _tier.ReadAsync(Key, null, default);
    });

    [Fact]
    public void Delays_requests_and_replies() => _surroundings.Run(async () =>
    {
        (_tier.Operations.RequestDelay, _tier.Operations.ReplyDelay) = (TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(3));
        await Add(1);
        Assert.Equal(TimeSpan.FromSeconds(5), _surroundings.Clock.Elapsed);
    });

    [Fact]
    public void Holds_a_fill_at_a_gate_while_a_change_overtakes_it() => _surroundings.Run(async () =>
    {
        var nonce = new Nonce(1, 1);
        ReadReply read = await _tier.ReadAsync(Key, new LeaseAsk(nonce, TimeSpan.FromMinutes(1)), default);
        FaultGate gate = _tier.Operations.Gate(SharedOperation.Fill, FaultPoint.BeforeEffect, Key.Text);
        Task<FillReply> fill = _tier.FillAsync(new Fill(Key, nonce, Loaded(read), TimeSpan.Zero), default).AsTask();
        await gate.Arrived;
        Assert.Equal(1, gate.HeldCount);
        Assert.False(fill.IsCompleted);

        await _tier.ChangeAsync(Partition, [Change.OfKey(Key.Text)], default);
        gate.Release();

        Assert.Equal(FillOutcome.LeaseLost, (await fill).Outcome);
    });

    [Fact]
    public void Holds_only_the_operation_and_key_it_names_and_nobody_once_it_failed() => _surroundings.Run(async () =>
    {
        FaultGate gate = _tier.Operations.Gate(SharedOperation.Read, FaultPoint.AfterEffect, "17");
        await _tier.ReadAsync(new SharedKey(Partition, "18"), null, default);
        Task held = _tier.ReadManyAsync([Key], [], default).AsTask();
        Assert.True(held.IsCompleted);
        held = _tier.ReadAsync(Key, null, default).AsTask();
        Assert.False(held.IsCompleted);
        gate.Fail();
        await Assert.ThrowsAsync<SharedTierException>(() => held);
        await _tier.ReadAsync(Key, null, default);
    });

    [Fact]
    public void Lets_a_caller_give_up_at_a_gate() => _surroundings.Run(async () =>
    {
        using var giveUp = new CancellationTokenSource();
        FaultGate gate = _tier.Operations.Gate(SharedOperation.Read, FaultPoint.BeforeEffect);
        Task held = _tier.ReadAsync(Key, null, giveUp.Token).AsTask();
        // CancelAsync would go to the thread pool.
        giveUp.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => held);
        Assert.Equal(0, gate.HeldCount);
    });

    private static SharedRecord Loaded(ReadReply read) => new()
    {
        Kind = RecordKind.Value,
        TimeToLive = TimeSpan.FromMinutes(1),
        HardTimeToLive = TimeSpan.FromMinutes(1),
        Stamp = read.State.Sequence,
        Incarnation = read.State.Incarnation,
    };

    private async Task<long> Add(long delta) => (await _tier.CountAsync(Key, new CounterAsk(delta), default)).Sum;
}
