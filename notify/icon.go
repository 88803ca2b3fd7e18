package notify

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
)

// iconFile keeps our icon in a file for whoever draws the toast: pixels in every call would take a hundred times the bytes
// of its text, and an icon's name works only where the icon is installed.
type iconFile struct {
	png  []byte
	dir  string
	log  *slog.Logger
	once sync.Once
	file string
}

// path is the icon's file, written on first use; "" when there is none.
func (i *iconFile) path() string {
	i.once.Do(func() {
		if len(i.png) == 0 || i.dir == "" {
			return
		}
		sum := sha256.Sum256(i.png)
		file := filepath.Join(i.dir, "icon-"+hex.EncodeToString(sum[:4])+".png")
		if _, err := os.Lstat(file); errors.Is(err, fs.ErrNotExist) {
			if err := writeWhole(file, i.png); err != nil {
				i.log.Info("toast icon not written", "error", err)
				return
			}
		}
		i.file, i.png = file, nil
	})
	return i.file
}

// writeWhole writes a file that is there whole or not at all, for this user alone.
func writeWhole(file string, b []byte) error {
	f, err := os.CreateTemp(filepath.Dir(file), ".icon-")
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), file)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
}
