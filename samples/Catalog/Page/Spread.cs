namespace Catalog.Page;

/// <summary>The middle and the far end of a window's durations, in milliseconds.</summary>
/// <param name="P50">Half took no longer.</param>
/// <param name="P99">99 in 100 took no longer; null where there were fewer than 100 and it would only be the slowest by another name.</param>
/// <param name="Slowest">None took longer.</param>
internal readonly record struct Spread(double P50, double? P99, double Slowest);
