using Millpond.Sim.Database;

namespace Millpond.Sim.Behind.Fleet;

/// <summary>What is written behind: rows and counts, each once with a journal that all processes open and once with one on each machine's disk.</summary>
internal static class BehindSpaces
{
    public const int CounterKeys = 8;

    /// <summary>Any process writes any key.</summary>
    public static Space Drafts { get; } = new(0, "drafts") { Keys = 16, NegativeTimeToLive = TimeSpan.FromSeconds(20) };

    /// <summary>Each key is written by one process, and is in its journal alone.</summary>
    public static Space Notes { get; } = new(1, "notes") { Keys = 16, NegativeTimeToLive = TimeSpan.FromSeconds(20) };

    public const string Views = "views";

    public const string Likes = "likes";

    public static IReadOnlyList<Space> All { get; } = [Drafts, Notes];

    public static IReadOnlyList<string> Names { get; } = [Drafts.Name, Notes.Name, Views, Likes];
}
