namespace Millpond.Chaos.Live.Judging;

/// <summary>A promise that was broken, and what was seen.</summary>
/// <param name="Oracle">Which: the names of docs/chaos.md.</param>
/// <param name="Key">The key it is about; -1 for none.</param>
/// <param name="At">When, in nanoseconds.</param>
/// <param name="Text">What was seen.</param>
internal sealed record Finding(string Oracle, int Key, long At, string Text);

/// <summary>A stretch of time in which something was broken on purpose.</summary>
/// <param name="Name">What.</param>
/// <param name="Began">When it began, in nanoseconds.</param>
/// <param name="Ended">When all was whole again.</param>
internal sealed record Episode(string Name, long Began, long Ended);
