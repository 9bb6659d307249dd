using Millpond.Feeds.Applying;
using Millpond.Partitions;
using Millpond.Policies;
using Millpond.Runtime;
using Millpond.Shared;

namespace Millpond.Sessions;

/// <summary>What a read asks of its region.</summary>
/// <param name="Positions">What of home databases it must show.</param>
/// <param name="NotBefore">As of when it must be current, on this process's clock; <see cref="long.MinValue"/> for any time.</param>
/// <param name="BeganAt">When the read began.</param>
/// <param name="WaitsUntil">How long it waits for that.</param>
internal readonly record struct RegionWants(IReadOnlyList<HomePosition> Positions, long NotBefore, long BeganAt, long WaitsUntil);

/// <summary>
/// Whether a region has come as far as a read asks for, and what the read then may be served.
/// </summary>
/// <remarks>
/// <para>
/// There are two ways. Either everything up to the place has been told to this process, and what it holds as fresh shows it. Or the database that loads read shows it, and then a load that begins now does. Of a home database that is
/// always so; of a replica its feed says it, in the mark, once reads there show what it told.
/// </para>
/// <para>If neither is so the marks are read again until the reader's patience is over: many readers, one look.</para>
/// </remarks>
internal sealed class RegionStand(FeedProof proof, ProtocolRules rules, Surroundings surroundings)
{
    // A mark changes ten times a second while changes come; asking much more often finds the same one.
    private static readonly TimeSpan LookPeriod = TimeSpan.FromMilliseconds(20);

    /// <summary>The earliest beginning of a load whose value may be served, <see cref="long.MinValue"/> if whatever is held as fresh may; null if the region has not come so far.</summary>
    public async ValueTask<long?> FindAsync(PartitionKeeper keeper, RegionWants wants, CancellationToken cancellationToken)
    {
        // What is known already may do; if it only allows a load, a newer mark may spare it.
        if (await JudgeAsync(keeper, wants).ConfigureAwait(false) is long.MinValue)
        {
            return long.MinValue;
        }

        while (true)
        {
            await proof.LookAsync(LookPeriod).ConfigureAwait(false);
            if (await JudgeAsync(keeper, wants).ConfigureAwait(false) is { } notBefore)
            {
                return notBefore;
            }

            var left = wants.WaitsUntil - surroundings.Now;
            if (left <= 0)
            {
                return null;
            }

            await surroundings.Delay(TimeSpan.FromTicks(Math.Min(left, LookPeriod.Ticks)), cancellationToken).ConfigureAwait(false);
        }
    }

    private async ValueTask<long?> JudgeAsync(PartitionKeeper keeper, RegionWants wants)
    {
        var notBefore = long.MinValue;
        foreach (var position in wants.Positions)
        {
            if (await OfPositionAsync(keeper, position, wants.BeganAt).ConfigureAwait(false) is not { } from)
            {
                return null;
            }

            notBefore = Math.Max(notBefore, from);
        }

        if (wants.NotBefore > long.MinValue)
        {
            foreach (var feed in proof.Feeds)
            {
                if (await OfTimeAsync(keeper, feed, wants.NotBefore).ConfigureAwait(false) is not { } from)
                {
                    return null;
                }

                notBefore = Math.Max(notBefore, from);
            }
        }

        return notBefore;
    }

    private async ValueTask<long?> OfPositionAsync(PartitionKeeper keeper, HomePosition position, long beganAt)
    {
        long? found = null;
        foreach (var feed in proof.Feeds.Where(feed => feed.IsOfHome))
        {
            var last = feed.Last;
            if (last.Mark is { Home: { } told } mark && rules.HasReached(told, position) && await HearsAsync(keeper, mark).ConfigureAwait(false))
            {
                return long.MinValue;
            }

            // With several databases it must be this one's; the only one there is may also have been replaced by another, and a load is as good as it gets.
            var isIts = proof.Feeds.Count == 1 || last.Mark?.Home?.System == position.System;
            found ??= feed.LoadsReadHome && isIts ? beganAt
                : last.Mark is { Shown: { } shown } && rules.HasReached(shown, position) ? last.ReadAt
                : null;
        }

        return found;
    }

    private static async ValueTask<long?> OfTimeAsync(PartitionKeeper keeper, FollowedFeed feed, long notBefore)
    {
        var last = feed.Last;
        var isProven = last.Mark is { IsWatermark: true } && last.AsOf >= notBefore;
        return isProven && await HearsAsync(keeper, last.Mark!).ConfigureAwait(false) ? long.MinValue
            : feed.LoadsReadHome ? notBefore
            : isProven ? last.ReadAt
            : null;
    }

    /// <summary>Whether this process has heard what a mark says was told; finds out what is missing if not (A43).</summary>
    private static async ValueTask<bool> HearsAsync(PartitionKeeper keeper, FeedMark mark)
    {
        await keeper.StartAsync().ConfigureAwait(false);
        if (FeedProof.Covers(mark, keeper.View))
        {
            return true;
        }

        var told = mark.Partitions.FirstOrDefault(one => one.Id == keeper.View.Id);
        return told.Incarnation.IsKnown && await keeper.CanJudgeAsync(new PartitionState(told.Incarnation, told.Sequence, told.Sequence)).ConfigureAwait(false) && FeedProof.Covers(mark, keeper.View);
    }
}
