using Millpond.Feeds.Applying;
using Millpond.Keyspaces;
using Millpond.Sessions;

namespace Millpond.Reading;

/// <summary>
/// Reads that ask for more than what a tier or a load happens to show: those of a session, and, in a region whose database is a replica, those with a bound. First the region's stand is looked at (<see cref="RegionStand"/>), then the
/// read goes the ordinary road with what that allows, and what it brought is told to the session.
/// </summary>
internal sealed class RegionRead<TKey, TValue>(KeyspaceCore<TKey, TValue> core, ReadRoad<TKey, TValue> road)
    where TKey : notnull
{
    private static readonly TimeSpan WaitDefault = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan WaitLongest = TimeSpan.FromMinutes(1);
    private static readonly EntryOptions FromHome = new() { Use = TierUse.Source | TierUse.Home };

    /// <summary>Whether a read is one of these.</summary>
    public bool Concerns(in ReadOptions options) => options.Session is not null || (options.MaxStaleness is not null && core.Proof is { Trails: true });

    public async ValueTask<Reading<TValue>> ReadAsync(TKey key, ReadOptions options, CancellationToken cancellationToken)
    {
        core.ThrowIfDisposed();
        cancellationToken.ThrowIfCancellationRequested();
        var (stand, proof) = Needs(options.Session is not null);
        var (name, number) = Name(key);
        var beganAt = core.Surroundings.Now;
        var patience = Patience(options);
        var wants = new RegionWants(options.Session?.Required(number) ?? [], options.NotBefore(beganAt), beganAt, beganAt + patience.Ticks);
        Reading<TValue> reading;
        if (await stand.FindAsync(core.KeeperOf(name), wants, cancellationToken).ConfigureAwait(false) is { } notBefore)
        {
            reading = await ReadFreshAsync(key, new ReadAccepts(beganAt, notBefore), options, cancellationToken).ConfigureAwait(false);
            await TellAsync(proof, options.Session, number, reading, isOfHome: core.Parts.WarmSide is not null, cancellationToken).ConfigureAwait(false);
            return reading;
        }

        var refused = wants.Positions.Count > 0 ? RegionFaults.Behind(core.Name, wants.Positions, patience) : RegionFaults.TooStale(core.Name, options.MaxStaleness, patience);
        if (options.WhenBehind == WhenBehind.Refuse || core.Parts.HomeLoader is null)
        {
            throw options.WhenBehind == WhenBehind.Refuse ? refused : RegionFaults.NoHomeLoader(core.Name, refused);
        }

        reading = await road.ReadAsync(key, new ReadAccepts(beganAt, core.Surroundings.Now), default, core.Parts.HomeLoader, FromHome, cancellationToken).ConfigureAwait(false);
        await TellAsync(proof, options.Session, number, reading, isOfHome: true, cancellationToken).ConfigureAwait(false);
        return reading;
    }

    /// <summary>Many keys, each as if it were read alone, side by side: they may be from different places.</summary>
    public async ValueTask<IReadOnlyDictionary<TKey, TValue>> ReadManyAsync(IReadOnlyCollection<TKey> keys, ReadOptions options, CancellationToken cancellationToken)
    {
        TKey[] each = [.. keys.Distinct()];
        var readings = await Task.WhenAll(each.Select(key => ReadAsync(key, options, cancellationToken).AsTask())).ConfigureAwait(false);
        return each.Zip(readings).Where(one => one.Second.Found).ToDictionary(one => one.First, one => one.Second.Value!);
    }

    /// <summary>Tells a session that a key was written, at a place that is given or at the home database's of now.</summary>
    public async ValueTask NoteWriteAsync(TKey key, Session session, HomePosition? position, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(session);
        core.ThrowIfDisposed();
        var (_, proof) = Needs(isSession: true);
        var (_, number) = Name(key);
        if (position is { } known)
        {
            session.Saw(number, known);
            return;
        }

        foreach (var feed in proof.Feeds.Where(feed => feed.IsOfHome))
        {
            session.Saw(number, await AskAsync(feed, feed.Home!, cancellationToken).ConfigureAwait(false));
        }
    }

    private (RegionStand Stand, FeedProof Proof) Needs(bool isSession)
    {
        if (isSession && core.Parts.Behind is not null)
        {
            throw RegionFaults.Journaled(core.Name);
        }

        return core is { Stand: { } stand, Proof: { } proof } && (!isSession || proof.Feeds.Any(feed => feed.IsOfHome)) ? (stand, proof) : throw RegionFaults.NoPositions(core.Name);
    }

    private (Shared.SharedKey Name, ulong Number) Name(TKey key)
    {
        var name = core.NameOf(key);
        return (name, PartitionHash.Whole($"{core.Name}\n{name.Text}"));
    }

    private static TimeSpan Patience(in ReadOptions options)
    {
        var wanted = options.BehindWaitMax ?? WaitDefault;
        return wanted < TimeSpan.Zero ? TimeSpan.Zero : wanted > WaitLongest ? WaitLongest : wanted;
    }

    /// <summary>What is stale may be what changed, so where that is all there is, it is loaded anew.</summary>
    private async ValueTask<Reading<TValue>> ReadFreshAsync(TKey key, ReadAccepts accepts, ReadOptions options, CancellationToken cancellationToken)
    {
        var reading = await road.ReadAsync(key, accepts, options, null, null, cancellationToken).ConfigureAwait(false);
        return reading.Stale == StaleReason.None ? reading
            : await road.ReadAsync(key, accepts with { NotBefore = core.Surroundings.Now }, options, null, null, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask TellAsync(FeedProof proof, Session? session, ulong number, Reading<TValue> reading, bool isOfHome, CancellationToken cancellationToken)
    {
        // What stands in for a value shows nothing of any database.
        if (session is null || reading.Origin == ReadOrigin.Fallback)
        {
            return;
        }

        await proof.LookAsync(FeedProof.LookPeriod).ConfigureAwait(false);
        var seenBy = core.Rules.SeenBy(core.Surroundings.Now - reading.Age.Ticks, reading.LoadEndedBy);
        foreach (var feed in proof.Feeds.Where(feed => feed.IsOfHome))
        {
            session.Saw(number, (isOfHome ? null : feed.NoEarlierThan(seenBy)) ?? await AskAsync(feed, isOfHome ? feed.Home! : feed.Here!, cancellationToken).ConfigureAwait(false));
        }
    }

    private async ValueTask<HomePosition> AskAsync(FollowedFeed feed, PositionAsk ask, CancellationToken cancellationToken)
    {
        try
        {
            return await ask.AskAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is not (MillpondException or OperationCanceledException))
        {
            throw RegionFaults.NotTold(core.Name, feed.Name, failure);
        }
    }
}
