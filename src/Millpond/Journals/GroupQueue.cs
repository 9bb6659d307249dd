using Millpond.Runtime;

namespace Millpond.Journals;

/// <summary>What waits for one who works it off in groups, and whether somebody does.</summary>
/// <remarks>
/// Whoever writes again as soon as he is answered comes back within some microseconds of those who were answered with him. Were the next group taken before, the callers would fall into two halves that wait for each other: each for its own group, and first for the other's. So
/// those of the last group are let go first, on this thread as well, and waited for: some tens of microseconds at most, and less and less often where they do not come.
/// </remarks>
/// <param name="surroundings">Where completions come from.</param>
/// <param name="countMax">How many a group has at most.</param>
/// <param name="bytesMax">How many bytes; one that is larger goes alone.</param>
/// <param name="bytesOf">The bytes of one.</param>
internal sealed class GroupQueue<T>(Surroundings surroundings, int countMax, long bytesMax, Func<T, long> bytesOf)
{
    // Half a microsecond each, on any machine: the platform sees to that.
    private const int LooksMax = 60;
    private const int SpinsOfLook = 25;

    private const int PassedMax = 256;

    private readonly Lock _gate = new();
    private readonly Queue<T> _waiting = new();

    // Of whoever works: how many were in the last group; how many groups are to be taken at once, now and after the next wait in vain.
    private int _lastCount;
    private int _toPass;
    private int _passedNext = 1;
    private int _count;
    private bool _isRunning;
    private bool _isClosed;
    private TaskCompletionSource<bool>? _idle;

    /// <param name="item">What waits.</param>
    /// <param name="run">Works off whatever waits, until <see cref="TakeNextAsync"/> says that there is nothing; begun aside if nobody works.</param>
    /// <exception cref="JournalException">It was closed.</exception>
    public void Add(T item, Func<Task> run)
    {
        lock (_gate)
        {
            if (_isClosed)
            {
                throw new JournalException(JournalFailure.Refused, "The journal has been closed, because its cache is being disposed. Write before the program stops.");
            }

            _waiting.Enqueue(item);
            Volatile.Write(ref _count, _waiting.Count);
            if (_isRunning)
            {
                return;
            }

            _isRunning = true;
        }

        surroundings.RunAside(run);
    }

    /// <summary>The next group; null if there is none, and then whoever worked does no more.</summary>
    public async ValueTask<List<T>?> TakeNextAsync()
    {
        if (_lastCount > 0 && surroundings.ResumesAside && --_toPass < 0)
        {
            var others = Volatile.Read(ref _count);
            await Task.Yield();
            AwaitThoseAnswered(others);
        }

        lock (_gate)
        {
            if (_waiting.Count == 0)
            {
                _isRunning = false;
                _lastCount = 0;
                _idle?.TrySetResult(true);
                return null;
            }

            var taken = new List<T>(Math.Min(countMax, _waiting.Count));
            long bytes = 0;
            while (taken.Count < countMax && _waiting.TryPeek(out var next) && (taken.Count == 0 || bytes + bytesOf(next) <= bytesMax))
            {
                bytes += bytesOf(next);
                taken.Add(_waiting.Dequeue());
            }

            Volatile.Write(ref _count, _waiting.Count);
            _lastCount = taken.Count;
            return taken;
        }
    }

    /// <summary>Takes no more, and returns when nothing is under way.</summary>
    public Task CloseAsync()
    {
        lock (_gate)
        {
            _isClosed = true;
            if (!_isRunning)
            {
                return Task.CompletedTask;
            }

            _idle ??= surroundings.NewCompletion<bool>();
            return _idle.Task;
        }
    }

    private void AwaitThoseAnswered(int others)
    {
        for (var look = 0; look < LooksMax && Volatile.Read(ref _count) < others + _lastCount; look++)
        {
            Thread.SpinWait(SpinsOfLook);
        }

        var areBack = 2 * (Volatile.Read(ref _count) - others) >= _lastCount;
        (_toPass, _passedNext) = areBack ? (0, 1) : (_passedNext, Math.Min(2 * _passedNext, PassedMax));
    }
}
