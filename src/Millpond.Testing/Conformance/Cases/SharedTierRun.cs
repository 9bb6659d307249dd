using Millpond.Shared;

namespace Millpond.Testing.Conformance.Cases;

/// <summary>One run of a case: the fixture, and the calls that cases make of it again and again.</summary>
internal sealed class SharedTierRun(ISharedTierFixture fixture)
{
    public static readonly TimeSpan LeaseTime = TimeSpan.FromMinutes(1);

    /// <summary>How long an engine may take over what it does not do in the call itself.</summary>
    private const int PollsMax = 100;

    private static readonly TimeSpan PollPeriod = TimeSpan.FromMilliseconds(50);

    private ulong _drawn;

    public ISharedTierFixture Fixture => fixture;

    public ISharedTier Tier => fixture.Tier;

    public PartitionId Partition { get; } = new(fixture.Keyspace, 0);

    public SharedKey Key(string text = "17") => new(Partition, text);

    /// <summary>A nonce of no other lease in this run.</summary>
    public Nonce NextNonce() => new(++_drawn, 0xA5A5_5A5A_0FF0_F00F);

    public static LeaseAsk Ask(Nonce nonce, LeasePurpose purpose = LeasePurpose.Load) => new(nonce, LeaseTime, purpose);

    public ValueTask<ReadReply> ReadAsync(SharedKey key) => Tier.ReadAsync(key, null, CancellationToken.None);

    public ValueTask<ReadReply> ReadAsync(SharedKey key, Nonce ask) => Tier.ReadAsync(key, Ask(ask), CancellationToken.None);

    public ValueTask<LeaseReply> AcquireAsync(SharedKey key, Nonce nonce, LeasePurpose purpose = LeasePurpose.Load) =>
        Tier.AcquireAsync(key, Ask(nonce, purpose), CancellationToken.None);

    public ValueTask ReleaseAsync(SharedKey key, Nonce nonce) => Tier.ReleaseAsync(key, nonce, CancellationToken.None);

    public ValueTask<ChangeReply> ChangeAsync(params Change[] changes) => Tier.ChangeAsync(Partition, changes, CancellationToken.None);

    public ValueTask<FillReply> FillAsync(SharedKey key, Nonce nonce, SharedRecord record) =>
        FillAsync(key, nonce, record, TimeSpan.Zero);

    public ValueTask<FillReply> FillAsync(SharedKey key, Nonce nonce, SharedRecord record, TimeSpan sinceGrant) =>
        Tier.FillAsync(new Fill(key, nonce, record, sinceGrant), CancellationToken.None);

    public ValueTask<FillReply> FillAsync(SharedKey key, Nonce nonce, PartitionState loadedAt) => FillAsync(key, nonce, Record(loadedAt));

    public ValueTask<ChangeReply> PutAsync(SharedKey key, SharedRecord record) => Tier.PutAsync(key, record, CancellationToken.None);

    public ValueTask<ControlReply> ReadControlAsync(long since = 0, Incarnation incarnation = default) =>
        Tier.ReadControlAsync(Partition, since, incarnation, CancellationToken.None);

    public async Task<PartitionState> StateAsync() => (await ReadControlAsync().ConfigureAwait(false)).State;

    public ValueTask<IAsyncDisposable> SubscribeAsync(IPushSink sink) => Tier.SubscribeAsync(Partition, sink, CancellationToken.None);

    public ValueTask AdvanceAsync(double seconds) => fixture.AdvanceAsync(TimeSpan.FromSeconds(seconds));

    /// <summary>A value loaded under what a grant's reply said.</summary>
    public static SharedRecord Record(PartitionState loadedAt, byte content = 7, double hardSeconds = 600, double ageSeconds = 0, double sliding = 0) => new()
    {
        Kind = RecordKind.Value,
        Payload = new[] { content },
        AgeAtFill = TimeSpan.FromSeconds(ageSeconds),
        TimeToLive = TimeSpan.FromSeconds(60),
        HardTimeToLive = TimeSpan.FromSeconds(hardSeconds),
        Sliding = TimeSpan.FromSeconds(sliding),
        Stamp = loadedAt.Sequence,
        Incarnation = loadedAt.Incarnation,
    };

    public const int NoContent = -1;

    /// <summary>The content given to <see cref="Record"/>, or <see cref="NoContent"/>.</summary>
    public static int ContentOf(ReadReply reply) => reply.Record is { Payload.Length: > 0 } record ? record.Payload.Span[0] : NoContent;

    /// <summary>Takes the lease and fills.</summary>
    public async Task StoreAsync(SharedKey key, byte content = 7)
    {
        Nonce nonce = NextNonce();
        LeaseReply lease = await AcquireAsync(key, nonce).ConfigureAwait(false);
        FillReply fill = await FillAsync(key, nonce, Record(lease.State, content)).ConfigureAwait(false);
        Expect.Equal(FillOutcome.Stored, fill.Outcome, "A fill under a lease just granted");
    }

    /// <summary>Lets time pass until something holds, or finds that it never will.</summary>
    public async Task EventuallyAsync(Func<bool> holds, string what)
    {
        for (int polls = 0; polls < PollsMax && !holds(); polls++)
            await fixture.AdvanceAsync(PollPeriod).ConfigureAwait(false);
        Expect.True(holds(), what);
    }
}
