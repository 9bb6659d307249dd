namespace Millpond.Chaos.Live.Behind;

/// <summary>What the database has at the end.</summary>
/// <param name="History">Every change of a row as its own trigger wrote it down, in the transaction that made it, in order.</param>
/// <param name="Rows">The rows.</param>
/// <param name="Sums">The counts.</param>
internal sealed record WrittenRows(IReadOnlyList<(string What, int Key, int Note)> History, IReadOnlyDictionary<(string What, int Key), int> Rows, IReadOnlyDictionary<int, long> Sums);

/// <summary>I6 of a campaign: what was acknowledged, against what the database has.</summary>
internal sealed record BehindVerdict(IReadOnlyList<string> Findings, long Acknowledged, long Refused, long Unknown, long Counted, long Changes)
{
    public static BehindVerdict Of(Acknowledgements told, WrittenRows written)
    {
        var findings = new List<string>(told.Complaints);
        var histories = written.History.ToLookup(change => (change.What, change.Key), change => change.Note);
        foreach (var ((what, key), one) in told.All)
        {
            findings.AddRange(what == "views" ? OfCounter(key, one, written.Sums.GetValueOrDefault(key)) : OfKey(what, key, one, [.. histories[(what, key)]], written.Rows.GetValueOrDefault((what, key))));
        }

        findings.AddRange(histories.Where(history => !told.All.ContainsKey(history.Key)).Select(history => $"{history.Key} is in the database and nobody wrote it"));
        return new(
            findings, told.All.Values.Sum(one => (long)one.Acknowledged.Count), told.All.Values.Sum(one => (long)one.Refused.Count), told.All.Values.Sum(one => (long)one.Unknown),
            written.Sums.Values.Sum(), written.History.Count);
    }

    /// <summary>What is not known may be counted once or not; nothing else may make a difference.</summary>
    private static IEnumerable<string> OfCounter(int key, Told told, long sum)
    {
        if (sum < told.Acknowledged.Count || sum > told.Acknowledged.Count + told.Unknown)
        {
            yield return $"views/{key} is {sum}; {told.Acknowledged.Count} increments were acknowledged, and of {told.Unknown} nobody knows";
        }
    }

    private static IEnumerable<string> OfKey(string what, int key, Told told, int[] history, int row)
    {
        for (var i = 1; i < history.Length; i++)
        {
            if (history[i] <= history[i - 1])
            {
                yield return $"{what}/{key} was {history[i - 1]} and then {history[i]}: twice, or an older write after a newer one";
            }
        }

        var (begun, refused, applied) = (told.Begun.ToHashSet(), told.Refused.ToHashSet(), history.ToHashSet());
        if (history.FirstOrDefault(note => !begun.Contains(note) || refused.Contains(note)) is var alien and not 0)
        {
            yield return $"{what}/{key} was {alien}, which was refused or never written";
        }

        // Of drafts only the last of a batch reaches the database.
        var missing = what == "notes" ? told.Acknowledged.FirstOrDefault(note => !applied.Contains(note)) : told.Acknowledged.Where(note => note > row).DefaultIfEmpty().Max();
        if (missing != 0)
        {
            yield return $"{what}/{key}: {missing} was acknowledged and is not in the database, which has {row}";
        }

        if (history.Length > 0 && row != history[^1])
        {
            yield return $"{what}/{key} is {row}, and its history ends with {history[^1]}";
        }
    }
}
