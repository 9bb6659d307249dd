using Millpond.Shared;

namespace Millpond.Testing.Conformance.Cases;

/// <summary>Rule 3, where the fill is good.</summary>
internal static class FillCases
{
    public static IReadOnlyList<ConformanceCase> All { get; } =
    [
        new("A_fill_under_the_lease_is_stored_and_ends_the_lease", EndsLeaseAsync),
        new("A_filled_record_is_read_back_whole", WholeAsync, ConformanceNeeds.Values),
        new("A_negative_record_is_read_back_as_one", NegativeAsync, ConformanceNeeds.Values),
        new("A_stored_value_does_not_change_when_the_caller_reuses_its_buffer", BufferAsync, ConformanceNeeds.Values),
        new("A_change_of_a_scope_or_the_keyspace_leaves_leases_alone", ScopeAsync),
        new("Many_fills_are_judged_each_by_itself_and_in_order", FillManyAsync),
    ];

    private static async Task EndsLeaseAsync(SharedTierRun run)
    {
        Nonce nonce = run.NextNonce();
        LeaseReply lease = await run.AcquireAsync(run.Key(), nonce).ConfigureAwait(false);
        Expect.Equal(FillOutcome.Stored, (await run.FillAsync(run.Key(), nonce, lease.State).ConfigureAwait(false)).Outcome, "The fill");
        Expect.Equal(FillOutcome.LeaseLost, (await run.FillAsync(run.Key(), nonce, lease.State).ConfigureAwait(false)).Outcome, "The same fill again");
        Expect.Equal(LeaseOutcome.Granted, (await run.AcquireAsync(run.Key(), run.NextNonce()).ConfigureAwait(false)).Outcome, "The next ask");
    }

    private static async Task WholeAsync(SharedTierRun run)
    {
        byte[] payload = [.. Enumerable.Range(0, 3_000).Select(i => (byte)i)];
        Nonce nonce = run.NextNonce();
        LeaseReply lease = await run.AcquireAsync(run.Key(), nonce).ConfigureAwait(false);
        var filled = new SharedRecord
        {
            Kind = RecordKind.Value,
            Payload = payload,
            Codec = 4_000_000_000,
            AgeAtFill = TimeSpan.FromMilliseconds(1_500),
            TimeToLive = TimeSpan.FromSeconds(61),
            HardTimeToLive = TimeSpan.FromSeconds(301),
            Sliding = TimeSpan.FromSeconds(200),
            LoadTime = TimeSpan.FromMilliseconds(12.5),
            Stamp = lease.State.Sequence,
            Incarnation = lease.State.Incarnation,
            Scopes = ["#category:7", "@tenant ü"],
            SourceVersion = "W/\"abc\"",
            FilledUnder = nonce,
        };
        await run.FillAsync(run.Key(), nonce, filled).ConfigureAwait(false);
        ReadReply reply = await run.ReadAsync(run.Key(), run.NextNonce()).ConfigureAwait(false);
        Expect.Equal(LeaseOutcome.None, reply.Lease, "The lease of a read that found a value");
        Expect.True(reply.Record is not null, "the record is there");
        using IDisposable? owner = reply.Record!.Owner;
        Expect.All(payload, reply.Record.Payload.ToArray(), "The payload");
        Expect.Equal(Parts(filled), Parts(reply.Record), "The record");
        Expect.All(filled.Scopes, reply.Record.Scopes, "The scopes");
        Expect.Equal((false, TimeSpan.Zero), (reply.IsInvalidated, reply.InvalidatedFor), "Invalidated, and for how long");
    }

    private static object Parts(SharedRecord r) =>
        ((r.Kind, r.Codec, r.Stamp, r.Incarnation, r.SourceVersion, r.FilledUnder), (r.AgeAtFill, r.TimeToLive, r.HardTimeToLive, r.Sliding, r.LoadTime));

    private static async Task NegativeAsync(SharedTierRun run)
    {
        Nonce nonce = run.NextNonce();
        LeaseReply lease = await run.AcquireAsync(run.Key(), nonce).ConfigureAwait(false);
        await run.FillAsync(run.Key(), nonce, new SharedRecord
        {
            Kind = RecordKind.Negative,
            TimeToLive = TimeSpan.FromSeconds(10),
            HardTimeToLive = TimeSpan.FromSeconds(10),
            Stamp = lease.State.Sequence,
            Incarnation = lease.State.Incarnation,
        }).ConfigureAwait(false);
        ReadReply reply = await run.ReadAsync(run.Key(), run.NextNonce()).ConfigureAwait(false);
        Expect.Equal(RecordKind.Negative, reply.Record?.Kind, "The kind");
        Expect.Equal(LeaseOutcome.None, reply.Lease, "The lease of a read that found a negative record");
    }

    private static async Task BufferAsync(SharedTierRun run)
    {
        byte[] buffer = [1];
        Nonce nonce = run.NextNonce();
        LeaseReply lease = await run.AcquireAsync(run.Key(), nonce).ConfigureAwait(false);
        await run.FillAsync(run.Key(), nonce, new SharedRecord
        {
            Kind = RecordKind.Value,
            Payload = buffer,
            TimeToLive = TimeSpan.FromSeconds(60),
            HardTimeToLive = TimeSpan.FromSeconds(60),
            Stamp = lease.State.Sequence,
            Incarnation = lease.State.Incarnation,
        }).ConfigureAwait(false);
        buffer[0] = 2;
        Expect.Equal(1, SharedTierRun.ContentOf(await run.ReadAsync(run.Key()).ConfigureAwait(false)), "The value");
    }

    private static async Task ScopeAsync(SharedTierRun run)
    {
        Nonce nonce = run.NextNonce();
        LeaseReply lease = await run.AcquireAsync(run.Key(), nonce).ConfigureAwait(false);
        await run.ChangeAsync(Change.OfScope("#a"), Change.OfKeyspace(), Change.OfKey("another")).ConfigureAwait(false);
        Expect.Equal(FillOutcome.Stored, (await run.FillAsync(run.Key(), nonce, lease.State).ConfigureAwait(false)).Outcome, "The fill");
    }

    private static async Task FillManyAsync(SharedTierRun run)
    {
        SharedKey[] keys = [run.Key("1"), run.Key("2"), run.Key("3")];
        LeaseAsk[] asks = [.. keys.Select(_ => SharedTierRun.Ask(run.NextNonce()))];
        IReadOnlyList<ReadReply> reads = await run.Tier.ReadManyAsync(keys, asks, default).ConfigureAwait(false);
        await run.ChangeAsync(Change.OfKey("2")).ConfigureAwait(false);
        Fill[] fills = [.. keys.Select((key, i) => new Fill(key, asks[i].Nonce, SharedTierRun.Record(reads[i].State, content: (byte)i), TimeSpan.Zero))];
        IReadOnlyList<FillReply> replies = await run.Tier.FillManyAsync(fills, default).ConfigureAwait(false);
        Expect.All([FillOutcome.Stored, FillOutcome.LeaseLost, FillOutcome.Stored], replies.Select(r => r.Outcome), "The outcomes in order");
        if (!run.Tier.Capabilities.HoldsValues)
            return;
        IReadOnlyList<ReadReply> again = await run.Tier.ReadManyAsync([keys[2], keys[1], keys[0]], [], default).ConfigureAwait(false);
        Expect.All([2, SharedTierRun.NoContent, 0], again.Select(SharedTierRun.ContentOf), "The values in the order asked");
    }
}
