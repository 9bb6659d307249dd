using Millpond.Partitions;
using Millpond.Runtime;
using Millpond.Shared;

namespace Millpond.Feeds.Applying;

/// <summary>
/// In which lives of the shared tier a feed's changes were acknowledged, and up to where, kept here and in a record of the shared tier itself. A life that ends may take acknowledged changes with it (A23, A27), and the source
/// has been told that they need not be told again; so whoever finds another life than the record names doubts everything in it.
/// </summary>
/// <remarks>
/// <para>
/// Entries of the life before are soft-stale anyway (rule 9). The doubt is for those loaded in the new one before this process noticed, which a change that the old one swallowed may concern (A25).
/// </para>
/// <para>
/// The record is written before each confirmation. A source that goes on past what is recorded was moved by somebody else, or is another one. If it is lost with a life, or brought back older, it names another life or none, and the next instance doubts too: a record that is wrong costs
/// a renewal and never hides anything. It also carries the watermark: as of its own age, which the engine measures, every change of the source had been told under the sequences it names.
/// </para>
/// </remarks>
internal sealed class FeedLives(FeedMarkStore store, RuleBook rules, Surroundings surroundings)
{
    // As often as a heartbeat: what reads with a bound is proven by, at best.
    public static readonly TimeSpan MarkPeriod = TimeSpan.FromSeconds(1);

    // Every confirmation is recorded first, so this is how far confirmations trail, and what a killed instance leaves to be told again.
    private static readonly TimeSpan RecordPeriod = TimeSpan.FromMilliseconds(100);

    private readonly Dictionary<PartitionId, Incarnation> _known = [];
    private FeedMark? _mark;
    private long? _statesAsOf;
    private bool _begun;
    private bool _hasStates;
    private long _markedAt = long.MinValue / 2;
    private long _recordedAt = long.MinValue / 2;

    /// <summary>How long to gather what is confirmed next.</summary>
    public TimeSpan PauseBeforeNext => store.CanKeep ? TimeSpan.FromTicks(_recordedAt + RecordPeriod.Ticks - surroundings.Now) : TimeSpan.Zero;

    private IEnumerable<PartitionKeeper> Keepers => rules.Targets.SelectMany(target => target.Partitions);

    /// <summary>Looks whether lives and history are those that are known, and records what is about to be confirmed. Called by one at a time.</summary>
    /// <param name="position">What is about to be confirmed.</param>
    /// <param name="asOf">The watermark to record, if it is time to.</param>
    /// <param name="start">Where the run began, the first time.</param>
    /// <param name="home">The home database's place that it stands for; null if that is not known.</param>
    public async ValueTask<Look> LookAsync(FeedPosition position, long? asOf, FeedStart? start, HomePosition? home)
    {
        try
        {
            if (!_begun)
            {
                await BeginAsync().ConfigureAwait(false);
                _begun = true;
            }

            var isTime = !_hasStates || (asOf is not null && surroundings.Now - _markedAt >= MarkPeriod.Ticks);
            var states = isTime ? await store.StatesAsync(Keepers).ConfigureAwait(false) : [.. Keepers.Select(keeper => new MarkedPartition(keeper.View.Id, keeper.View.Incarnation, 0))];
            var doubts = ChangedLives(states).ToList();
            if (start is { } began)
            {
                // The record of another life may be older than what was confirmed; that life is then the reason.
                doubts.AddRange(OfStart(began).Where(doubt => !doubts.Exists(known => known.Target == doubt.Target)).ToList());
            }

            if (doubts.Count > 0)
            {
                _hasStates = false;
                _mark = (_mark ?? new FeedMark([], false, null, null)) with { Position = null, History = start?.History ?? _mark?.History, Home = null, Shown = null };
                return new Look(doubts, IsRecorded: false);
            }

            if (isTime)
            {
                (_markedAt, _statesAsOf, _hasStates) = (surroundings.Now, asOf, true);
            }

            var next = new FeedMark(
                isTime ? states : _mark!.Partitions, _statesAsOf is not null, position, start?.History ?? _mark?.History, isTime ? home : _mark!.Home, home ?? _mark?.Shown);
            await store.WriteAsync(next, _statesAsOf).ConfigureAwait(false);
            (_mark, _recordedAt) = (next, surroundings.Now);
            return new Look([], IsRecorded: true);
        }
        catch (SharedTierException away)
        {
            return new Look([], IsRecorded: false, away);
        }
    }

    private async ValueTask BeginAsync()
    {
        var found = await store.ReadAsync().ConfigureAwait(false);
        foreach (var keeper in Keepers)
        {
            await keeper.StartAsync().ConfigureAwait(false);
            if (!keeper.View.Incarnation.IsKnown)
            {
                throw new SharedTierException($"the state of {keeper.View.Id} is not known yet.");
            }

            // Where nothing outlives this process, nothing can have been lost before it began.
            _known[keeper.View.Id] = store.CanKeep ? found?.Partitions.FirstOrDefault(one => one.Id == keeper.View.Id).Incarnation ?? Incarnation.Unknown : keeper.View.Incarnation;
        }

        _mark = found;
    }

    private IEnumerable<FoundDoubt> ChangedLives(IReadOnlyList<MarkedPartition> states)
    {
        HashSet<PartitionId> changed = [];
        HashSet<PartitionId> first = [];
        foreach (var state in states.Where(state => state.Incarnation != _known[state.Id]))
        {
            (_known[state.Id].IsKnown ? changed : first).Add(state.Id);
            _known[state.Id] = state.Incarnation;
        }

        for (var target = 0; target < rules.Targets.Count; target++)
        {
            if (rules.Targets[target].Partitions.Any(keeper => changed.Contains(keeper.View.Id)))
            {
                yield return new(target, FeedDoubtReason.OtherIncarnation);
            }
            else if (rules.Targets[target].Partitions.Any(keeper => first.Contains(keeper.View.Id)))
            {
                // No record of any life: the first time, or a tier that lost everything, entries included.
                yield return new(target, FeedDoubtReason.Beginning);
            }
        }
    }

    // Without a record there is nothing to compare with; then the lives are unknown too, and everything is doubted for that.
    private IEnumerable<FoundDoubt> OfStart(FeedStart start)
    {
        FeedDoubtReason? reason = _mark?.History is { } history && history != start.History ? FeedDoubtReason.OtherHistory
            : _mark?.Position is { } position && start.Position.CompareTo(position) > 0 ? FeedDoubtReason.Gap
            : null;
        return reason is { } why ? Enumerable.Range(0, rules.Targets.Count).Select(target => new FoundDoubt(target, why)) : [];
    }

    /// <summary>What a look found.</summary>
    /// <param name="Doubts">What is not certain any more.</param>
    /// <param name="IsRecorded">Whether what is about to be confirmed has been recorded.</param>
    /// <param name="Away">Why the shared tier could not be asked or told; null if it could.</param>
    internal readonly record struct Look(IReadOnlyList<FoundDoubt> Doubts, bool IsRecorded, SharedTierException? Away = null);
}

/// <summary>Where a run began.</summary>
internal readonly record struct FeedStart(FeedPosition Position, string History);

/// <summary>A doubt about a whole keyspace, by its number.</summary>
internal readonly record struct FoundDoubt(int Target, FeedDoubtReason Reason);
