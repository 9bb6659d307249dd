using Millpond.Redis.Layout;
using Millpond.Redis.Steps;
using Millpond.Redis.Watched;
using Millpond.Resp;
using Millpond.Runtime;
using Millpond.Shared;

namespace Millpond.Redis.Live.Tests.Live.Watched;

/// <summary>Somebody comes between what a step reads and what it writes: here from within the decision itself, so every time.</summary>
public sealed class Refusals(TwoWays engines) : IClassFixture<TwoWays>
{
    private static int _partitions;

    private readonly PartitionKeys _keys = new(new PartitionId($"test:refused{Interlocked.Increment(ref _partitions)}", 0), 1);

    [Theory]
    [InlineData("SET", "record")]
    [InlineData("DEL", "record")]
    [InlineData("PEXPIRE", "record")]
    [InlineData("SET", "control")]
    [InlineData("DEL", "control")]
    [InlineData("ZADD", "floors")]
    public async Task Whatever_of_it_changes_meanwhile_the_step_is_made_again(string command, string what)
    {
        await MakeAsync(static _ => { });
        var attempts = 0;
        var made = await MakeAsync(_ =>
        {
            if (++attempts == 1)
            {
                Come(command, what);
            }
        });
        Assert.Equal(what == "record" ? 2 : 1, made.Control.Image.State.Sequence);

        // A partition that was lost whole or in part is begun anew on a session that has just asked in which life, so that one is a third attempt.
        Assert.Equal(2, attempts);
        Assert.Equal(what != "record", made.Control.Began);
    }

    [Fact]
    public async Task A_step_that_somebody_always_comes_before_ends_in_an_error_and_leaves_nothing()
    {
        await MakeAsync(static _ => { });
        var attempts = 0;
        var failed = await Assert.ThrowsAsync<SharedTierException>(() => MakeAsync(_ => Come("PEXPIRE", attempts++ % 2 == 0 ? "control" : "record")));
        Assert.Contains($"refused {attempts} times", failed.Message, StringComparison.Ordinal);
        Assert.InRange(attempts, 10, 1_000);
        Assert.Equal(2, (await MakeAsync(static _ => { })).Control.Image.State.Sequence);
    }

    [Fact]
    public async Task A_decision_that_throws_ends_the_step_alone()
    {
        await Assert.ThrowsAsync<InvalidOperationException>(() => MakeAsync(static _ => throw new InvalidOperationException("a fault")));
        Assert.Equal(1, (await MakeAsync(static _ => { })).Control.Image.State.Sequence);
    }

    private async Task<StepDraft> MakeAsync(Action<StepDraft> meanwhile)
    {
        var client = engines.Watched.Client;
        var runner = new WatchedRunner(client, new SessionLanes(client, isDivided: false), new Watching(new StepLimits(3, 20), Surroundings.Real.NextNonce, "PUBLISH"), Surroundings.Real);
        using var time = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        var draft = await runner.RunAsync(_keys, new StepView(["1"], IsWhole: false, ["#a"], IsChange: true), RespTraits.Idempotent, draft =>
        {
            draft.Records[0].Grant(new Nonce(1, 2), 60_000, LeasePurpose.Load, draft.Incarnation, draft.Time);
            draft.Number(Change.OfScope("#a"));
            meanwhile(draft);
        }, time.Token);
        draft.Dispose();
        return draft;
    }

    // Another client's reply is awaited here, which the thread that receives for this one allows.
    private void Come(string command, string what)
    {
        var key = what == "record" ? _keys.RecordOf("1") : what == "control" ? _keys.Control : _keys.Floors;
        RespArgument[] arguments = command switch
        {
            "SET" => [key, "something else"],
            "PEXPIRE" => [key, 1_000_000],
            "ZADD" => [key, 1, "#else"],
            _ => [key],
        };
        engines.Scripted.Client.ExecuteAsync(command, arguments).AsTask().GetAwaiter().GetResult();
    }
}
