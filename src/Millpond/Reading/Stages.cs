using Millpond.Events;
using Millpond.Keyspaces;
using Millpond.Policies;
using Millpond.Shared;

namespace Millpond.Reading;

/// <summary>First stage: asks the shared tier, and sends on what it could not answer.</summary>
internal sealed class AskSharedTier<TKey, TValue>(SharedAsk<TKey, TValue> ask) : MissStage<TKey, TValue>
    where TKey : notnull
{
    public override ValueTask RunAsync(Miss<TKey, TValue> miss, CancellationToken cancellationToken) =>
        ask.IsPlain(miss) ? ask.ReadOneAsync(miss.Flights[0], miss, Next, cancellationToken) : AskThenGoOnAsync(miss, cancellationToken);

    private async ValueTask AskThenGoOnAsync(Miss<TKey, TValue> miss, CancellationToken cancellationToken)
    {
        await ask.AskAsync(miss.Flights, cancellationToken).ConfigureAwait(false);
        if (StillOpen(miss) is { } open)
        {
            await Next.RunAsync(open, cancellationToken).ConfigureAwait(false);
        }
    }

    private static Miss<TKey, TValue>? StillOpen(Miss<TKey, TValue> miss)
    {
        var ended = 0;
        for (var i = 0; i < miss.Flights.Count; i++)
        {
            ended += miss.Flights[i].Standing == Standing.Ended ? 1 : 0;
        }

        return ended == 0 ? miss : ended == miss.Flights.Count ? null : new([.. miss.Flights.Where(flight => flight.Standing != Standing.Ended)]);
    }
}

/// <summary>
/// Second stage: whoever has the lease goes on; whoever has not waits for its holder. Woken when the lease ends, and by a jittered poll in
/// case that news is lost; then the shared tier is asked again, and so exactly one of the waiters becomes the next holder if the last one died (A60).
/// </summary>
internal sealed class AwaitHolder<TKey, TValue>(KeyspaceCore<TKey, TValue> core, SharedAsk<TKey, TValue> ask) : MissStage<TKey, TValue>
    where TKey : notnull
{
    // The news of an ended lease comes by push within milliseconds; the poll only covers its loss, so it may be slow and grow slower.
    private static readonly TimeSpan PollFirst = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan PollMax = TimeSpan.FromSeconds(1);

    public override ValueTask RunAsync(Miss<TKey, TValue> miss, CancellationToken cancellationToken)
    {
        if (miss.Flights.All(flight => flight.Standing == Standing.MayLoad))
        {
            return Next.RunAsync(miss, cancellationToken);
        }

        // Parted before any of them goes on: a wait that is over at once would make its flight one of the granted, and it would load twice.
        Flight<TKey, TValue>[] granted = [.. miss.Flights.Where(flight => flight.Standing == Standing.MayLoad)];
        Flight<TKey, TValue>[] held = [.. miss.Flights.Where(flight => flight.Standing == Standing.Held)];
        var trips = held.Select(flight => WaitThenLoadAsync(flight, cancellationToken).AsTask()).ToList();
        if (granted.Length > 0)
        {
            trips.Add(Next.RunAsync(new Miss<TKey, TValue>(granted), cancellationToken).AsTask());
        }

        return new ValueTask(Task.WhenAll(trips));
    }

    private async ValueTask WaitThenLoadAsync(Flight<TKey, TValue> flight, CancellationToken cancellationToken)
    {
        var until = core.Surroundings.Now + core.Policy.Limits.LeaseWaitMax.Ticks;
        var patience = PollFirst;
        while (flight.Standing == Standing.Held && core.Surroundings.Now < until)
        {
            var left = TimeSpan.FromTicks(until - core.Surroundings.Now);
            var jittered = patience * (0.5 + core.Surroundings.NextDouble());
            await WaitAsync(flight, jittered < left ? jittered : left, cancellationToken).ConfigureAwait(false);
            patience = patience * 2 < PollMax ? patience * 2 : PollMax;
            if (!TakeFromLocal(flight))
            {
                await ask.AskAsync([flight], cancellationToken).ConfigureAwait(false);
            }
        }

        if (flight.Standing != Standing.Ended)
        {
            // Past its patience it loads without a lease: for its callers only, stored nowhere.
            await Next.RunAsync(new Miss<TKey, TValue>([flight]), cancellationToken).ConfigureAwait(false);
        }
    }

    private async ValueTask WaitAsync(Flight<TKey, TValue> flight, TimeSpan patience, CancellationToken cancellationToken)
    {
        try
        {
            await core.Tier.WaitAsync(flight.SharedKey, patience, cancellationToken).ConfigureAwait(false);
        }
        catch (SharedTierException failure)
        {
            core.Listener.On(new SharedTierFailed(core.Name, "wait", failure));
        }
    }

    /// <summary>The holder may have been another flight of this process; where the shared tier holds no values its value is only here.</summary>
    private bool TakeFromLocal(Flight<TKey, TValue> flight)
    {
        if (!core.Local.TryGet(flight.Key, out var entry) || entry.LoadedAt < flight.NotBefore || flight.IsRenewal)
        {
            return false;
        }

        if (core.Judge.Decide(entry, flight.View, core.Policy, core.Surroundings.Now).Verdict is not (Verdict.Fresh or Verdict.FreshButRenew))
        {
            return false;
        }

        core.Flights.Land(flight, null);
        flight.Answer(new(entry, entry.Origin, StaleReason.None));
        flight.Standing = Standing.Ended;
        return true;
    }
}
