namespace Catalog.Instances;

/// <summary>One instance as the first sees it: where it is, and what it told last.</summary>
internal sealed class Instance(int number, Uri address, Func<CancellationToken, Task<InstanceTotals?>> ask)
{
    private InstanceTotals? _last;

    public Uri Address { get; } = address;

    /// <summary>What it told last; null if it never did.</summary>
    public InstanceTotals? Last => Volatile.Read(ref _last);

    /// <summary>Asks again. What it told the time before is where the second began.</summary>
    public async Task<InstanceSample> SampleAsync(CancellationToken cancellation)
    {
        InstanceTotals? before = Last;
        InstanceTotals? now = await ask(cancellation);
        if (now is null)
        {
            return InstanceSample.Silent(number, Address);
        }

        Volatile.Write(ref _last, now);
        return InstanceSample.Between(number, Address, before ?? now, now);
    }
}
