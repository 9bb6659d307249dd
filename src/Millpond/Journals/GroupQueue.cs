using Millpond.Runtime;

namespace Millpond.Journals;

/// <summary>What waits for one who works it off in groups, and whether somebody does.</summary>
/// <param name="surroundings">Where completions come from.</param>
/// <param name="countMax">How many a group has at most.</param>
/// <param name="bytesMax">How many bytes; one that is larger goes alone.</param>
/// <param name="bytesOf">The bytes of one.</param>
internal sealed class GroupQueue<T>(Surroundings surroundings, int countMax, long bytesMax, Func<T, long> bytesOf)
{
    private readonly Lock _gate = new();
    private readonly Queue<T> _waiting = new();
    private bool _isRunning;
    private bool _isClosed;
    private TaskCompletionSource<bool>? _idle;

    /// <param name="item">What waits.</param>
    /// <param name="run">Works off whatever waits, until <see cref="TakeNext"/> says that there is nothing; begun aside if nobody works.</param>
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
            if (_isRunning)
            {
                return;
            }

            _isRunning = true;
        }

        surroundings.RunAside(run);
    }

    /// <summary>The next group; null if there is none, and then whoever worked does no more.</summary>
    public List<T>? TakeNext()
    {
        lock (_gate)
        {
            if (_waiting.Count == 0)
            {
                _isRunning = false;
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
}
