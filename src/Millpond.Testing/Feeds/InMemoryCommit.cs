using Millpond.Feeds;

namespace Millpond.Testing.Feeds;

/// <summary>A transaction in the log.</summary>
/// <param name="Rows">Its rows.</param>
/// <param name="Doubt">What nobody can decode.</param>
/// <param name="Home">Of a replica: which commit of its home it is.</param>
internal sealed record InMemoryCommit(IReadOnlyList<RowChange> Rows, FeedDoubt? Doubt, HomePosition? Home = null);

/// <summary>What a feed finds when it looks.</summary>
internal readonly record struct InMemoryNews(List<(ulong Place, InMemoryCommit Commit, bool IsVisible)> Commits, ulong? GapTo, ulong VisibleTo, Task Next);
