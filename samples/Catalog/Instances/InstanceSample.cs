namespace Catalog.Instances;

/// <summary>One instance in one second, as the page gets it; counts are per second.</summary>
/// <param name="Number">Which it is; the first serves the page.</param>
/// <param name="Address">Where it listens.</param>
/// <param name="Answers">Whether it told its figures; if not, the others are zero.</param>
/// <param name="Requests">Requests that it answered.</param>
/// <param name="Local">Reads served from its own memory.</param>
/// <param name="Shared">Reads that the shared tier answered.</param>
/// <param name="Misses">Reads that neither answered.</param>
/// <param name="Loads">Calls of its loaders.</param>
/// <param name="Reads">Its reads that reached the database.</param>
/// <param name="WithoutCache">Reads that the same requests would have sent had there been no cache.</param>
/// <param name="Tier">The product and version that the shared tier runs on.</param>
/// <param name="Heard">Whether it hears the shared tier.</param>
internal sealed record InstanceSample(
    int Number, Uri Address, bool Answers, double Requests, double Local, double Shared, double Misses, double Loads, double Reads,
    double WithoutCache, string Tier, bool Heard)
{
    public static InstanceSample Silent(int number, Uri address) => new(number, address, false, 0, 0, 0, 0, 0, 0, 0, "", false);

    public static InstanceSample Between(int number, Uri address, InstanceTotals before, InstanceTotals now)
    {
        double seconds = Math.Max(0.001, now.At - before.At);
        return new InstanceSample(
            number, address, true, PerSecond(before.Requests, now.Requests), PerSecond(before.Local, now.Local), PerSecond(before.Shared, now.Shared),
            PerSecond(before.Misses, now.Misses), PerSecond(before.Loads, now.Loads), PerSecond(before.Reads, now.Reads),
            PerSecond(before.ReadsWithoutCache, now.ReadsWithoutCache), now.Tier, now.Heard);

        double PerSecond(double then, double since) => Math.Max(0, since - then) / seconds;
    }
}
