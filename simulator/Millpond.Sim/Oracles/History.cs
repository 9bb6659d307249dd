using System.Globalization;

namespace Millpond.Sim.Oracles;

/// <summary>What happened, in a ring: words only when somebody asks, and a hash of everything that says whether two runs were the same.</summary>
internal sealed class History
{
    private const int Kept = 1 << 18;

    private readonly Event[] _ring = new Event[Kept];
    private long _count;

    public ulong Hash { get; private set; } = 14695981039346656037;

    public long Count => _count;

    public void Note(long at, What what, int process, Item? item, long mark = 0, int space = -1)
    {
        _ring[_count++ & (Kept - 1)] = new Event(at, what, process, item, mark, space);
        Mix((ulong)at);
        Mix(((ulong)what << 56) ^ ((ulong)(uint)process << 40) ^ (ulong)(uint)(item?.Number ?? -1));
        Mix((ulong)mark);
    }

    /// <summary>The newest events that bear on an item, oldest first.</summary>
    public IEnumerable<string> About(Item? item, int countMax)
    {
        var found = new List<Event>();
        for (var index = _count - 1; index >= 0 && index > _count - Kept && found.Count < countMax; index--)
        {
            var one = _ring[index & (Kept - 1)];
            if (item is null || one.Concerns(item))
                found.Add(one);
        }

        found.Reverse();
        return found.Select(one => one.ToString());
    }

    private void Mix(ulong word)
    {
        for (var shift = 0; shift < 64; shift += 16)
            Hash = (Hash ^ ((word >> shift) & 0xFFFF)) * 1099511628211;
    }

    private readonly record struct Event(long At, What What, int Process, Item? Item, long Mark, int Space)
    {
        /// <summary>Single messages that were lost and records that were evicted concern everybody, and so would drown what matters.</summary>
        public bool Concerns(Item item) =>
            Item == item || (Item is null && What is not (What.RequestLost or What.ReplyLost or What.Evicted or What.Journaled or What.FlushArrived or What.LeadGiven) && (Space < 0 || Space == item.Space.Number));

        public override string ToString() => string.Create(
            CultureInfo.InvariantCulture, $"{At / 10_000.0,14:0.000} ms  {(Process < 0 ? "      " : $"node {Process}")}  {What,-22} {Item?.ToString() ?? "",-24} {(Item is null && Space < 0 ? "" : Item is null ? $"{Database.Space.All[Space].Name} category {Mark}" : $"#{Mark}")}");
    }
}

/// <summary>What can happen.</summary>
internal enum What
{
    ReadBegan,
    ReadFound,
    ReadFoundNothing,
    ReadFoundStale,
    ReadFailed,
    LoadBegan,
    LoadRead,
    LoadEnded,
    LoadFailed,
    Committed,
    RolledBack,
    InvalidateBegan,
    InvalidateReturned,
    ScopeBegan,
    ScopeReturned,
    TicketTaken,
    TicketSet,
    WriteBegan,
    WriteFailed,
    WriteReturned,
    TicketRefused,
    TicketDisposed,
    SetBegan,
    SetReturned,
    EngineChanged,
    EngineChangedScope,
    EngineFilled,
    EngineRefusedFill,
    EngineGranted,
    PushArrived,
    RequestLost,
    ReplyLost,
    Evicted,
    EngineDown,
    EngineRestartedEmpty,
    EngineRestartedOld,
    Partitioned,
    Healed,
    Frozen,
    Woke,
    ChannelBroke,
    ChannelSilent,
    Killed,
    Stopped,
    Started,
    Journaled,
    Acknowledged,
    WriteRefused,
    FlushArrived,
    Flushed,
    FlushRefused,
    Fenced,
    Buried,
    LetterRemoved,
    Discarded,
    LeadGiven,
    JournalDown,
    JournalBack,
    JournalFellBack,
    DatabaseDown,
    DatabaseBack,
    Strict,
    Mended,
    FeedTold,
}
