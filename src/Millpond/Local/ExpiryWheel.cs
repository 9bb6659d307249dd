using System.Numerics;

namespace Millpond.Local;

/// <summary>What a wheel turns for.</summary>
internal interface IExpiring
{
    /// <summary>When the slot's entry is of no use any more, in milliseconds; <see cref="long.MaxValue"/> if the slot is free.</summary>
    long DeadlineOf(int slot);

    void Expire(int slot);
}

/// <summary>
/// A hierarchical timing wheel: entries go at their time, found without looking at any that stay. Adding costs a comparison, removing nothing, expiring a bounded number of
/// steps; a byte and a half an entry.
/// </summary>
/// <remarks>
/// <para>
/// Varghese and Lauck, "Hashed and Hierarchical Timing Wheels" (SOSP 1987), with two changes. What hangs in the wheel is not an entry but a block of <see cref="BlockSlots"/>
/// neighbouring slots, under the earliest deadline among them; so the links are shared by eight. And a block is not taken out when an entry is removed or put
/// off: it comes up at the old time, is looked through, and hung up again.
/// </para>
/// <para>
/// Six wheels of 64 buckets and a tick of 64 ms, so more years than a process lives. A block belongs to the wheel of the highest digit, to base 64, in which its
/// due time differs from now; an occupancy word for each wheel finds the next one without walking over empty buckets. Everything needs the shard's lock.
/// </para>
/// </remarks>
internal sealed class ExpiryWheel(IExpiring entries, long now)
{
    public const int BlockSlots = 8;

    private const int TickBits = 6; // 64 ms: the dead are not served anyway, so this is how long their memory may lie about.
    private const int DigitBits = 6;
    private const int Buckets = 1 << DigitBits;
    private const int Wheels = 6;
    private const int BlocksPerChunk = 128;
    private const int None = -1;
    private const long TickMax = uint.MaxValue;

    private readonly int[] _heads = NewHeads();
    private readonly ulong[] _occupied = new ulong[Wheels];
    private readonly long _beganAt = now >> TickBits;
    private Block[][] _blocks = [];
    private long _now;

    /// <summary>Minds a slot whose entry is new or has another deadline.</summary>
    public void SetNeedsGate(int slot, long deadline)
    {
        ref var block = ref BlockAt(slot / BlockSlots);
        var due = TickOf(deadline);
        if (block.Due == 0 || due < block.Due)
        {
            UnlinkNeedsGate(slot / BlockSlots);
            LinkNeedsGate(slot / BlockSlots, due);
        }
    }

    /// <summary>Lets go what is due, as far as a number of blocks reaches.</summary>
    /// <returns>Whether everything due has gone.</returns>
    public bool AdvanceNeedsGate(long now, int blocksMax)
    {
        var until = (now >> TickBits) - _beganAt;
        for (var n = 0; n < blocksMax; n++)
        {
            var (bucket, time) = NextBucket();
            if (bucket < 0 || time > until)
            {
                _now = Math.Max(_now, Math.Min(until, TickMax));
                return true;
            }

            _now = Math.Max(_now, time);
            TurnNeedsGate(_heads[bucket], now);
        }

        return false;
    }

    /// <summary>For tests: throws unless every block hangs where its due time belongs, and each slot's deadline is no earlier than its block's.</summary>
    public void Validate(int slots)
    {
        var hung = 0;
        for (var bucket = 0; bucket < _heads.Length; bucket++)
        {
            var before = ~bucket;
            for (var block = _heads[bucket]; block != None; block = BlockAt(block).Newer)
            {
                Require(BlockAt(block).Older == before && BlockAt(block).Due > 0, "A block's links do not meet.");
                (before, hung) = (block, hung + 1);
            }

            Require(_heads[bucket] == None == ((_occupied[bucket / Buckets] >> (bucket % Buckets) & 1) == 0), "An occupancy bit is wrong.");
        }

        for (var slot = 0; slot < slots; slot++)
        {
            var deadline = entries.DeadlineOf(slot);
            Require(deadline == long.MaxValue || (BlockAt(slot / BlockSlots).Due is > 0 and var due && due <= Math.Max(TickOf(deadline), _now + 1)), "A slot would be forgotten.");
        }

        Require(hung <= (slots + BlockSlots - 1) / BlockSlots, "More blocks hang than there are.");
    }

    private static void Require(bool holds, string otherwise)
    {
        if (!holds)
        {
            throw new InvalidOperationException(otherwise);
        }
    }

    private static int[] NewHeads()
    {
        var heads = new int[Wheels * Buckets];
        Array.Fill(heads, None);
        return heads;
    }

    /// <summary>The tick at whose end a deadline has passed, after the wheel's beginning; at least 1.</summary>
    private long TickOf(long deadline) => Math.Clamp((deadline >> TickBits) + 1 - _beganAt, 1, TickMax);

    /// <summary>The bucket whose time begins first. Mostly one of the smallest wheel that has any, but not while a larger one's is being emptied in steps.</summary>
    private (int Bucket, long Time) NextBucket()
    {
        var (bucket, time) = (None, long.MaxValue);
        for (var wheel = 0; wheel < Wheels; wheel++)
        {
            if (_occupied[wheel] != 0)
            {
                var digit = BitOperations.TrailingZeroCount(_occupied[wheel]);
                var shift = wheel * DigitBits;
                var begins = (_now >> (shift + DigitBits) << (shift + DigitBits)) + ((long)digit << shift);
                (bucket, time) = begins < time ? ((wheel * Buckets) + digit, begins) : (bucket, time);
            }
        }

        return (bucket, time);
    }

    /// <summary>Looks through a block whose time has come: lets go what is due and hangs up the rest.</summary>
    private void TurnNeedsGate(int block, long now)
    {
        UnlinkNeedsGate(block);
        var earliest = long.MaxValue;
        for (var slot = block * BlockSlots; slot < (block + 1) * BlockSlots; slot++)
        {
            var deadline = entries.DeadlineOf(slot);
            if (deadline <= now)
            {
                entries.Expire(slot);
            }
            else
            {
                earliest = Math.Min(earliest, deadline);
            }
        }

        if (earliest < long.MaxValue)
        {
            LinkNeedsGate(block, TickOf(earliest));
        }
    }

    private void LinkNeedsGate(int number, long due)
    {
        // What is due in this very tick hangs in the next, so that no wheel has anything before its own time.
        var at = Math.Min(Math.Max(due, _now + 1), TickMax);
        var wheel = (63 - BitOperations.LeadingZeroCount((ulong)(at ^ _now) | 1)) / DigitBits;
        var bucket = (wheel * Buckets) + (int)(at >> (wheel * DigitBits) & (Buckets - 1));
        ref var block = ref BlockAt(number);
        block = new Block { Due = (uint)at, Newer = _heads[bucket], Older = ~bucket };
        if (block.Newer != None)
        {
            BlockAt(block.Newer).Older = number;
        }

        _heads[bucket] = number;
        _occupied[wheel] |= 1UL << (bucket % Buckets);
    }

    private void UnlinkNeedsGate(int number)
    {
        ref var block = ref BlockAt(number);
        if (block.Due == 0)
        {
            return;
        }

        if (block.Newer != None)
        {
            BlockAt(block.Newer).Older = block.Older;
        }

        if (block.Older >= 0)
        {
            BlockAt(block.Older).Newer = block.Newer;
        }
        else
        {
            var bucket = ~block.Older;
            _heads[bucket] = block.Newer;
            _occupied[bucket / Buckets] &= block.Newer == None ? ~(1UL << (bucket % Buckets)) : ulong.MaxValue;
        }

        block = default;
    }

    private ref Block BlockAt(int block)
    {
        while (block / BlocksPerChunk >= _blocks.Length)
        {
            _blocks = [.. _blocks, new Block[BlocksPerChunk]];
        }

        return ref _blocks[block / BlocksPerChunk][block % BlocksPerChunk];
    }

    /// <summary>Eight slots. A due tick of 0: it does not hang. The first of a bucket has the bucket's number, inverted, for its older neighbour.</summary>
    private struct Block
    {
        public int Older;
        public int Newer;
        public uint Due;
    }
}
