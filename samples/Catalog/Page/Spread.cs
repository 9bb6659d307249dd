namespace Catalog.Page;

/// <summary>The middle and the far end of a second's durations, in milliseconds.</summary>
internal readonly record struct Spread(double P50, double P99);
