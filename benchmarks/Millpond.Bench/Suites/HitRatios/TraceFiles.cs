using System.Globalization;
using System.IO.Compression;

namespace Millpond.Bench.Suites.HitRatios;

/// <summary>
/// Traces recorded elsewhere, from a directory of gzip text files named *.txt.gz: one read a line, a key's number and, where known, its size in bytes. They are
/// other people's data and not part of this repository.
/// </summary>
internal static class TraceFiles
{
    public const string Variable = "MILLPOND_TRACES";

    /// <summary>Every trace once with entries that count the same, and once more by bytes if it has sizes.</summary>
    public static IEnumerable<Trace> Read(int readsMax)
    {
        if (Environment.GetEnvironmentVariable(Variable) is not { Length: > 0 } directory)
        {
            Console.WriteLine($"  {Variable} names no directory of traces, so only synthetic ones are read.");
            yield break;
        }

        foreach (var file in Directory.EnumerateFiles(directory, "*.txt.gz").Order(StringComparer.Ordinal))
        {
            var trace = ReadFile(file, readsMax);
            yield return trace with { Weights = null };
            if (trace.Weights is not null)
            {
                yield return trace with { Name = trace.Name + " bytes" };
            }
        }
    }

    private static Trace ReadFile(string file, int readsMax)
    {
        var (keys, weights) = (new List<int>(), new List<uint>());
        using var reader = new StreamReader(new GZipStream(File.OpenRead(file), CompressionMode.Decompress));
        while (keys.Count < readsMax && reader.ReadLine() is { } line)
        {
            var space = line.IndexOf(' ', StringComparison.Ordinal);
            var key = int.Parse(space < 0 ? line : line.AsSpan(0, space), CultureInfo.InvariantCulture);
            keys.Add(key);
            if (space >= 0 && key == weights.Count)
            {
                weights.Add(uint.Parse(line.AsSpan(space + 1), CultureInfo.InvariantCulture));
            }
        }

        var name = Path.GetFileName(file)[..^".txt.gz".Length];
        return new Trace(name, [.. keys], weights.Count == 0 ? null : [.. weights]);
    }
}
