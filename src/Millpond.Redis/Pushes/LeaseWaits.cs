using Millpond.Runtime;

namespace Millpond.Redis.Pushes;

/// <summary>Who in this process waits for which lease of a partition to end.</summary>
internal sealed class LeaseWaits(Surroundings surroundings)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, List<TaskCompletionSource<bool>>> _byText = new(StringComparer.Ordinal);

    public TaskCompletionSource<bool> Add(string text)
    {
        var wait = surroundings.NewCompletion<bool>();
        lock (_gate)
        {
            if (!_byText.TryGetValue(text, out var waits))
            {
                _byText[text] = waits = [];
            }

            waits.Add(wait);
        }

        return wait;
    }

    public void Remove(string text, TaskCompletionSource<bool> wait)
    {
        lock (_gate)
        {
            if (_byText.TryGetValue(text, out var waits) && waits.Remove(wait) && waits.Count == 0)
            {
                _byText.Remove(text);
            }
        }
    }

    public void Wake(string text)
    {
        List<TaskCompletionSource<bool>>? waits;
        lock (_gate)
        {
            _byText.Remove(text, out waits);
        }

        foreach (var wait in waits ?? [])
        {
            wait.TrySetResult(true);
        }
    }

    /// <summary>For want of knowing better: whoever waits looks for itself.</summary>
    public void WakeAll()
    {
        string[] texts;
        lock (_gate)
        {
            texts = [.. _byText.Keys];
        }

        foreach (var text in texts)
        {
            Wake(text);
        }
    }
}
