using Millpond.Bench.Harness;

namespace Millpond.Bench.Suites.LocalTiers;

/// <summary>
/// What holding entries costs in memory and in the collector's time. The subjects come one after the other, each alone in the process. Keys and values alone come first:
/// the collector has that work in any case.
/// </summary>
internal sealed class LocalMemory : Suite
{
    private const int Replacements = 1_000_000;
    private const string Overhead = "overhead";
    private const string Collection = "full collection";
    private const string Nothing = "keys and values alone";
    private const string Dictionary = "ConcurrentDictionary";
    private const string Tier = "Millpond tier";

    public override string Name => "local-memory";

    public override string Question => "what does an entry cost beyond key and value, and what does the collector do with millions of them?";

    public override IReadOnlyList<Goal> Goals =>
    [
        new("overhead of an entry in bytes, string keys", new(Name, Case<string>(1_000_000), Tier, Overhead), Figure.Value, Bound.AtMost, 64),
        new("overhead of an entry in bytes, `int` keys", new(Name, Case<int>(1_000_000), Tier, Overhead), Figure.Value, Bound.AtMost, 64),
        new("full collection in ms, 5 M string keys", new(Name, Case<string>(5_000_000), Tier, Collection), Figure.Value, Bound.AtMost, 120),
        new("full collection in ms, 5 M `int` keys", new(Name, Case<int>(5_000_000), Tier, Collection), Figure.Value, Bound.AtMost, 120),
    ];

    public override IReadOnlyList<string> Tabled => [Overhead, Collection, "its processor time", "pauses, longest", "pauses, together"];

    public override Task RunAsync(Report report, Effort effort)
    {
        foreach (var entries in effort == Effort.Quick ? [200_000] : new[] { 1_000_000, 5_000_000 })
        {
            Measure(report, entries, Workload.TextOf, inlineKeyBytes: 0, Workload.PlaceOf);
            Measure(report, entries, Workload.NumberOf, inlineKeyBytes: sizeof(int), key => key - Workload.NumberOf(0));
        }

        return Task.CompletedTask;
    }

    private static string Case<TKey>(int entries) => $"{entries / 1e6:0.#} M {(typeof(TKey) == typeof(int) ? "int" : "string")}";

    private void Measure<TKey>(Report report, int entries, Func<int, TKey> keyOf, int inlineKeyBytes, Func<TKey, int> place)
        where TKey : notnull
    {
        Measure(Nothing, () => new HoldingArrays<TKey>(entries, place));
        Measure(Dictionary, () => new HoldingDictionary<TKey>());
        Measure("MemoryCache", () => new HoldingMemoryCache<TKey>());
        Measure(Tier, () => new HoldingTier<TKey>());

        void Measure(string subject, Func<IHolding<TKey>> create)
        {
            var run = new MemoryRun<TKey>(keyOf, inlineKeyBytes);
            run.Run(create, entries, Math.Min(Replacements, entries));
            if (subject != Nothing)
            {
                report.Add(Name, Case<TKey>(entries), subject, Overhead, "B", run.Overhead, Dictionary);
            }

            report.Add(Name, Case<TKey>(entries), subject, Collection, "ms", run.CollectionMs, Dictionary);
            report.Add(Name, Case<TKey>(entries), subject, "its processor time", "ms", run.CollectionProcessorMs, Dictionary);
            report.Add(Name, Case<TKey>(entries), subject, "pauses, longest", "ms", run.LongestPauseMs, Dictionary);
            report.Add(Name, Case<TKey>(entries), subject, "pauses, together", "ms", run.PausesMs, Dictionary);
        }
    }
}
