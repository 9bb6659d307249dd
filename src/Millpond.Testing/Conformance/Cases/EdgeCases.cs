using Millpond.Shared;

namespace Millpond.Testing.Conformance.Cases;

/// <summary>Hostile texts, cancellation, capabilities.</summary>
internal static class EdgeCases
{
    /// <summary>What means something to an engine, a script, a wire format or a shell, and must mean nothing here.</summary>
    private static readonly string[] Texts =
    [
        "a", "A", "a:b", "a:b:c", "a b", " a", "a ", "*", "?", "[a-z]", "{a}", "{}", "{a}b", "#a", "@a", "%20", "..", "../a", "a/b", "'", "\"", "\\", "';--",
        "\r\n", "a\r\nset b 0 0 1\r\n1", "\0", "a\0b", "日本", "é", "e\u0301", "🐟", "nil", "-1", "0", "00", new string('x', 200), new string('x', 199) + "y",
    ];

    public static IReadOnlyList<ConformanceCase> All { get; } =
    [
        new("Texts_of_keys_are_opaque_and_all_differ", KeysAsync),
        new("Texts_of_scopes_are_opaque_and_all_differ", ScopesAsync),
        new("A_call_that_is_cancelled_before_it_begins_says_so_and_harms_nothing", CancelledAsync),
        new("The_capabilities_make_sense_and_stay", CapabilitiesAsync),
        new("Reading_and_filling_no_keys_at_all_gives_no_replies", NoneAsync),
    ];

    private static async Task KeysAsync(SharedTierRun run)
    {
        var nonces = new Dictionary<string, (Nonce Nonce, PartitionState State)>();
        foreach (string text in Texts)
        {
            Nonce nonce = run.NextNonce();
            LeaseReply lease = await run.AcquireAsync(run.Key(text), nonce).ConfigureAwait(false);
            Expect.Equal(LeaseOutcome.Granted, lease.Outcome, $"The lease of '{text}'");
            nonces[text] = (nonce, lease.State);
        }

        foreach ((string text, (Nonce nonce, PartitionState state)) in nonces)
            Expect.Equal(FillOutcome.Stored, (await run.FillAsync(run.Key(text), nonce, state).ConfigureAwait(false)).Outcome, $"The fill of '{text}'");
    }

    private static async Task ScopesAsync(SharedTierRun run)
    {
        PartitionState state = (await run.ChangeAsync([.. Texts.Select(Change.OfScope)]).ConfigureAwait(false)).State;
        ControlReply control = await run.ReadControlAsync(0, state.Incarnation).ConfigureAwait(false);
        for (int i = 0; i < Texts.Length; i++)
            Expect.Equal(i + 1, control.Floors.GetValueOrDefault(Texts[i]), $"The floor of '{Texts[i]}'");
        Expect.All(Texts, (control.ChangesSince ?? []).Select(c => c.Change.Name), "The names in the log");
        Expect.Equal(0, control.KeyspaceFloor, "The floor of the keyspace, whatever scopes are called");
    }

    private static async Task CancelledAsync(SharedTierRun run)
    {
        var cancelled = new CancellationToken(canceled: true);
        SharedKey key = run.Key();
        await RefusedAsync(() => run.Tier.ReadAsync(key, null, cancelled).AsTask()).ConfigureAwait(false);
        await RefusedAsync(() => run.Tier.ReadManyAsync([key], [], cancelled).AsTask()).ConfigureAwait(false);
        await RefusedAsync(() => run.Tier.AcquireAsync(key, SharedTierRun.Ask(run.NextNonce()), cancelled).AsTask()).ConfigureAwait(false);
        await RefusedAsync(() => run.Tier.ChangeAsync(run.Partition, [Change.OfKey("1")], cancelled).AsTask()).ConfigureAwait(false);
        await RefusedAsync(() => run.Tier.ReadControlAsync(run.Partition, 0, default, cancelled).AsTask()).ConfigureAwait(false);
        await RefusedAsync(() => run.Tier.WaitAsync(key, TimeSpan.FromSeconds(1), cancelled).AsTask()).ConfigureAwait(false);
        await RefusedAsync(() => run.Tier.CountAsync(key, new CounterAsk(1), cancelled).AsTask()).ConfigureAwait(false);
        await run.StoreAsync(run.Key("after")).ConfigureAwait(false);
    }

    private static async Task RefusedAsync(Func<Task> call)
    {
        try
        {
            await call().ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return;
        }

        Expect.True(false, "a call with a cancelled token ends as cancelled");
    }

    private static async Task CapabilitiesAsync(SharedTierRun run)
    {
        SharedTierCapabilities first = run.Tier.Capabilities;
        Expect.True(first.Product.Length > 0, "the product has a name");
        Expect.True(first.PartitionsPerKeyspace >= 1, "a keyspace has a partition");
        Expect.True(first.RecordBytesMax > 0, "a record may have a size");
        Expect.True(first.PushIsLossless || first.HeartbeatPeriod > TimeSpan.Zero, "a tier that can lose a push has a heartbeat");
        await run.StoreAsync(run.Key()).ConfigureAwait(false);
        Expect.Equal(first with { Shortfalls = [] }, run.Tier.Capabilities with { Shortfalls = [] }, "The capabilities after use");
        await run.Tier.ConnectAsync(default).ConfigureAwait(false);
        Expect.Equal(first.PartitionsPerKeyspace, run.Tier.Capabilities.PartitionsPerKeyspace, "The partitions after connecting again");
    }

    private static async Task NoneAsync(SharedTierRun run)
    {
        Expect.Equal(0, (await run.Tier.ReadManyAsync([], [], default).ConfigureAwait(false)).Count, "Replies to a read of no keys");
        Expect.Equal(0, (await run.Tier.FillManyAsync([], default).ConfigureAwait(false)).Count, "Replies to no fills");
    }
}
