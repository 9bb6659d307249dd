namespace Millpond.Events;

/// <summary>
/// Gives each living thread a small number of its own, so that it can count into cells that no other thread writes: an addition without a lock prefix, a fraction of a nanosecond. A
/// number whose thread has ended goes to the next that asks, which counts on where the other left off.
/// </summary>
/// <remarks>Not a generic type, because a thread's own field of one is a look-up away.</remarks>
internal static class ThreadCells
{
    private static readonly Lock Gate = new();
    private static readonly Stack<int> Free = new();
    private static int s_used;

    // One more than the number, so that 0 is a thread that has none yet.
    [ThreadStatic]
    private static int t_ordinal;

    [ThreadStatic]
    private static Holder? t_holder;

    /// <summary>This thread's number.</summary>
    public static int Mine => t_ordinal is > 0 and var ordinal ? ordinal - 1 : Take();

    private static int Take()
    {
        lock (Gate)
        {
            var number = Free.TryPop(out var left) ? left : s_used++;
            t_holder = new Holder(number);
            t_ordinal = number + 1;
            return number;
        }
    }

    /// <summary>Goes with its thread, and then gives the number back.</summary>
    private sealed class Holder(int number)
    {
        ~Holder()
        {
            lock (Gate)
            {
                Free.Push(number);
            }
        }
    }
}
