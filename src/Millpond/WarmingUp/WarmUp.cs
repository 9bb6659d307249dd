using Millpond.Events;
using Millpond.Keyspaces;
using Millpond.Local;
using Millpond.Reading;

namespace Millpond.WarmingUp;

/// <summary>A keyspace's warm-up without its types: its run, and what it leaves behind when it is disposed, for the next run of the program.</summary>
internal interface IWarmUp : IAsyncDisposable
{
    WarmUpStatistics Statistics { get; }

    /// <summary>Begins the run, aside. What is called again does nothing.</summary>
    void Start();
}

/// <summary>The same with its types.</summary>
internal sealed class WarmUp<TKey, TValue> : IWarmUp
    where TKey : notnull
{
    private readonly KeyspaceCore<TKey, TValue> _core;
    private readonly WarmUpRun<TKey, TValue> _run;
    private readonly KeyFile? _file;
    private bool _isStarted;
    private bool _isStopped;

    public WarmUp(KeyspaceCore<TKey, TValue> core, ReadAhead<TKey, TValue> ahead, WarmUpDeclared<TKey> declared, IServiceProvider services, KeyFile? file)
    {
        _core = core;
        _file = declared.RemembersKeys ? file : null;
        var parts = new KeySourceParts<TKey>(core.Name, services, core.Parts.Source, core.Parts.Naming, _file);
        _run = new WarmUpRun<TKey, TValue>(core, ahead, [.. declared.Sources.Select(make => make(parts))]);
    }

    public WarmUpStatistics Statistics => _run.Figures;

    public void Start()
    {
        if (!_isStarted)
        {
            _isStarted = true;
            _run.Start();
        }
    }

    /// <summary>Ends the run and leaves the keys behind, once. To be called while the local tier still holds them.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_isStopped)
        {
            return;
        }

        _isStopped = true;
        await _run.DisposeAsync().ConfigureAwait(false);

        // A cache that never started has nothing to leave, and would take away what is there.
        if (_isStarted && _file is not null)
        {
            LeaveBehind(_file);
        }
    }

    private void LeaveBehind(KeyFile file)
    {
        var keys = new KeysOfRun([], []);
        try
        {
            keys = KeysNow();
            if (_run.Figures.State == WarmUpState.Stopped)
            {
                keys = WithFormer(keys, file);
            }

            // A run that held nothing knows nothing better than the one before.
            if (!keys.IsEmpty)
            {
                _core.Listener.On(new KeysLeftBehind(_core.Name, file.Path, keys.Held.Count, keys.MostRead.Count, file.Write(keys), null));
            }
        }
        catch (Exception failure)
        {
            // Whatever a disk or a key's text may throw: the program ends, and the next one starts without.
            _core.Listener.On(new KeysLeftBehind(_core.Name, file.Path, keys.Held.Count, keys.MostRead.Count, 0, failure));
        }
    }

    private KeysOfRun KeysNow()
    {
        var keyBytesMax = _core.Policy.Limits.KeyBytesMax;
        string[] mostRead = [.. (_core.Hot?.Tracked() ?? []).Select(Text)];
        return new(mostRead, [.. _core.Local.MostUsed(_core.Policy.WarmUp.KeysMax).Select(Text)]);

        string Text(TKey key) => _core.Parts.Naming.Text(key, keyBytesMax);
    }

    /// <summary>A run that ended before it was warm has not seen what it would have held: what the one before left is taken over behind what it has.</summary>
    private KeysOfRun WithFormer(KeysOfRun keys, KeyFile file)
    {
        try
        {
            return file.Read() is { } former
                ? new([.. keys.MostRead.Union(former.MostRead).Take(_core.Policy.HotKeys.TrackedKeysMax)], [.. keys.Held.Union(former.Held).Take(_core.Policy.WarmUp.KeysMax)])
                : keys;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return keys;
        }
    }
}
