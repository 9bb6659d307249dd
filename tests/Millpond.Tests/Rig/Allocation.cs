namespace Millpond.Tests.Rig;

internal static class Allocation
{
    /// <summary>The bytes of the least of several runs: the runtime allocates now and then for itself, on whatever thread is at hand, and a collection in between makes its count wrong by some kilobytes.</summary>
    public static long LeastOf(Action action)
    {
        var least = long.MaxValue;
        for (var i = 0; i < 10; i++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            action();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return least;
    }
}
