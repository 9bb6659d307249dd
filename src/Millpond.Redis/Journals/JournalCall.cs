namespace Millpond.Redis.Journals;

/// <summary>
/// One run of a script that makes a step, or several appends that came together: what a script does before its first record costs as much as ten records. They are taken or refused as one, which is no more than each of them was promised.
/// </summary>
internal sealed class JournalCall
{
    /// <summary>Kind, key, value and delta.</summary>
    public const int ArgumentsOfRecord = 4;

    // Some milliseconds in which the engine does nothing else.
    private const int RecordsMax = 256;

    private int _records;

    private JournalCall(JournalAsk first) => (Asks, _records) = ([first], RecordsOf(first));

    public List<JournalAsk> Asks { get; }

    public JournalScript Script => Asks[0].Script;

    /// <summary>Those of the one step; or the first append's time, and everybody's records.</summary>
    public ReadOnlyMemory<byte>[] Arguments => Asks.Count == 1 ? Asks[0].Arguments : [Asks[0].Arguments[0], .. Asks.SelectMany(ask => ask.Arguments.Skip(1))];

    /// <summary>What is to be called, in order.</summary>
    public static List<JournalCall> Of(IEnumerable<JournalAsk> asks)
    {
        var calls = new List<JournalCall>();
        foreach (var ask in asks)
        {
            if (calls.Count == 0 || !calls[^1].TryAdd(ask))
            {
                calls.Add(new JournalCall(ask));
            }
        }

        return calls;
    }

    /// <summary>It was made: each append hears of the position of its own last record.</summary>
    public void Make(JournalStand stand)
    {
        var last = stand.Last;
        for (var i = Asks.Count - 1; i >= 0; i--)
        {
            Asks[i].Make(Script == JournalScript.Append ? stand with { Last = last } : stand);
            last -= RecordsOf(Asks[i]);
        }
    }

    private static int RecordsOf(JournalAsk ask) => ask.Script == JournalScript.Append ? (ask.Arguments.Length - 1) / ArgumentsOfRecord : 0;

    private bool TryAdd(JournalAsk ask)
    {
        if (Script != JournalScript.Append || ask.Script != JournalScript.Append || _records + RecordsOf(ask) > RecordsMax)
        {
            return false;
        }

        Asks.Add(ask);
        _records += RecordsOf(ask);
        return true;
    }
}
