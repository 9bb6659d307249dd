namespace Catalog.Page;

internal readonly record struct HotKey(int Id, double PerSecond);

/// <summary>
/// Which products are asked for most, over HTTP: one counter per product id, and each second a mean that forgets with a half-life
/// of about three seconds. Requests count from any thread; <see cref="Tick"/> is called by one.
/// </summary>
internal sealed class HotKeys(int productIdMax)
{
    private const double Forget = 0.8;

    private readonly int[] _now = new int[productIdMax + 1];
    private readonly double[] _mean = new double[productIdMax + 1];
    private IReadOnlyList<HotKey> _top = [];

    public IReadOnlyList<HotKey> Top => Volatile.Read(ref _top);

    public int? Hottest => Top is [{ Id: var id }, ..] ? id : null;

    /// <summary>Ids that no product can have are not counted: anybody may ask for any number.</summary>
    public void Count(int id)
    {
        if ((uint)id < (uint)_now.Length)
        {
            Interlocked.Increment(ref _now[id]);
        }
    }

    public void Tick(int wanted)
    {
        var top = new PriorityQueue<int, double>(wanted + 1);
        for (int id = 0; id < _now.Length; id++)
        {
            int count = _now[id] == 0 ? 0 : Interlocked.Exchange(ref _now[id], 0);
            double mean = (_mean[id] * Forget) + (count * (1 - Forget));
            _mean[id] = mean < 1e-3 ? 0 : mean;
            if (mean > 0.05)
            {
                top.Enqueue(id, mean);
                if (top.Count > wanted)
                {
                    top.Dequeue();
                }
            }
        }

        HotKey[] keys = [.. top.UnorderedItems.Select(item => new HotKey(item.Element, item.Priority))];
        Volatile.Write(ref _top, [.. keys.OrderByDescending(key => key.PerSecond)]);
    }
}
