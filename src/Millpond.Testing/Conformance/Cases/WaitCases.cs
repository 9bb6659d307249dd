using Millpond.Shared;

namespace Millpond.Testing.Conformance.Cases;

/// <summary>Waiting for somebody else's lease to end.</summary>
internal static class WaitCases
{
    /// <summary>Longer than any case polls, so that a wait which ends was woken.</summary>
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(30);

    public static IReadOnlyList<ConformanceCase> All { get; } =
    [
        new("A_wait_ends_when_the_key_is_filled", run => WokenByAsync(run, (nonce, state) => FillAsync(run, nonce, state))),
        new("A_wait_ends_when_the_lease_is_released", run => WokenByAsync(run, (nonce, _) => run.ReleaseAsync(run.Key(), nonce).AsTask())),
        new("A_wait_ends_when_the_key_changes", run => WokenByAsync(run, (_, _) => run.ChangeAsync(Change.OfKey(run.Key().Text)).AsTask())),
        new("A_wait_ends_with_its_patience", PatienceAsync),
        new("A_wait_for_a_lease_that_has_ended_ends_with_its_patience_at_the_latest", NoLeaseAsync),
        new("A_wait_ends_when_it_is_cancelled", CancelledAsync),
        new("Ten_waits_all_end", TenAsync),
    ];

    private static async Task WokenByAsync(SharedTierRun run, Func<Nonce, PartitionState, Task> act)
    {
        Nonce nonce = run.NextNonce();
        LeaseReply lease = await run.AcquireAsync(run.Key(), nonce).ConfigureAwait(false);
        Task wait = run.Tier.WaitAsync(run.Key(), Long, default).AsTask();
        await act(nonce, lease.State).ConfigureAwait(false);
        await run.EventuallyAsync(() => wait.IsCompleted, "the wait ends long before its patience").ConfigureAwait(false);
        await wait.ConfigureAwait(false);
    }

    private static async Task FillAsync(SharedTierRun run, Nonce nonce, PartitionState state) =>
        await run.FillAsync(run.Key(), nonce, state).ConfigureAwait(false);

    private static async Task PatienceAsync(SharedTierRun run)
    {
        await run.AcquireAsync(run.Key(), run.NextNonce()).ConfigureAwait(false);
        Task wait = run.Tier.WaitAsync(run.Key(), TimeSpan.FromSeconds(1), default).AsTask();
        await run.EventuallyAsync(() => wait.IsCompleted, "a wait ends with its patience").ConfigureAwait(false);
        await wait.ConfigureAwait(false);
        Expect.Equal(LeaseOutcome.Held, (await run.ReadAsync(run.Key(), run.NextNonce()).ConfigureAwait(false)).Lease, "The lease, which the wait leaves alone");
    }

    private static async Task NoLeaseAsync(SharedTierRun run)
    {
        Task wait = run.Tier.WaitAsync(run.Key(), TimeSpan.FromSeconds(1), default).AsTask();
        await run.EventuallyAsync(() => wait.IsCompleted, "a wait for nothing ends").ConfigureAwait(false);
        await wait.ConfigureAwait(false);
    }

    private static async Task CancelledAsync(SharedTierRun run)
    {
        using var cancellation = new CancellationTokenSource();
        await run.AcquireAsync(run.Key(), run.NextNonce()).ConfigureAwait(false);
        Task wait = run.Tier.WaitAsync(run.Key(), Long, cancellation.Token).AsTask();
        // Not CancelAsync, which would leave a simulation's thread.
        cancellation.Cancel();
        await run.EventuallyAsync(() => wait.IsCompleted, "a cancelled wait ends").ConfigureAwait(false);
        Expect.True(wait.IsCanceled, "it ends as cancelled");
    }

    private static async Task TenAsync(SharedTierRun run)
    {
        Nonce nonce = run.NextNonce();
        await run.AcquireAsync(run.Key(), nonce).ConfigureAwait(false);
        Task[] waits = [.. Enumerable.Range(0, 10).Select(_ => run.Tier.WaitAsync(run.Key(), Long, default).AsTask())];
        await run.ReleaseAsync(run.Key(), nonce).ConfigureAwait(false);
        await run.EventuallyAsync(() => waits.All(w => w.IsCompletedSuccessfully), "all ten waits end").ConfigureAwait(false);
    }
}
