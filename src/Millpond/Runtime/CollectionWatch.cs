using System.Runtime.InteropServices;

namespace Millpond.Runtime;

/// <summary>
/// Calls back after full collections, until disposed. An object that nobody holds is finalized when it is collected; one that survived into the oldest generation is, from
/// then on, only by full collections; it puts itself up again each time.
/// </summary>
internal sealed class CollectionWatch : IDisposable
{
    private readonly Surroundings _surroundings;
    private Action? _look;

    public CollectionWatch(Surroundings surroundings, Action look)
    {
        _surroundings = surroundings;
        _look = look;
        _ = new Sentinel(GCHandle.Alloc(this, GCHandleType.Weak));
    }

    public void Dispose() => Volatile.Write(ref _look, null);

    /// <summary>Holds a handle and no weak reference, because that would be an object with a finalizer of its own, which might come first.</summary>
    private sealed class Sentinel(GCHandle watch)
    {
        ~Sentinel()
        {
            if (Environment.HasShutdownStarted || watch.Target is not CollectionWatch its || Volatile.Read(ref its._look) is not { } look)
            {
                watch.Free();
                return;
            }

            if (GC.GetGeneration(this) == GC.MaxGeneration)
            {
                // Not on the finalizer's thread, which others wait for.
                its._surroundings.RunAside(() =>
                {
                    look();
                    return Task.CompletedTask;
                });
            }

            GC.ReRegisterForFinalize(this);
        }
    }
}
