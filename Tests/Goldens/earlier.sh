#!/usr/bin/env bash
# Makes the files of Tests/Goldens/earlier anew: what an earlier version of the program left behind, which every later one
# must open. They were made by the program at commit 904e477:
#
#   git worktree add ../earlier 904e477 && cd ../earlier && swift build -c release --product supernet
#   Tests/Goldens/earlier.sh ../earlier/.build/release/supernet
#
# What the files are is told by the commands below, and what the program said of them lies in earlier/expected.
# Tests/SupernetCommandsTests/EarlierFilesTests.swift reads them. A program of another commit makes other files, which would
# no longer hold what they are for: add to them under another name instead of making them anew.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# By name, and in a folder of no checkout, so that no file holds a place of the machine on which it was made.
mkdir "$work/bin"
ln -s "$(realpath "${1:?the program at commit 904e477}")" "$work/bin/supernet"
export PATH=$work/bin:$PATH OMP_NUM_THREADS=1
mkdir "$work/earlier"
cd "$work/earlier"
cp -r "$here/earlier/configs" configs

# Images.
python3 "$here/earlier-images.py" .
supernet data synth faces faces --images 20 --side 32
supernet data synth pedestrians people --identities 6 --test-identities 3 --images 6 --height 32
# Of those that nobody is asked for, a few are enough.
find people -name '-1_*' -o -name '0000_*' | sort | tail -n +7 | xargs -d '\n' rm

# Studies: without labels, with every key of the settings; with labels; and over a space of a file's own.
supernet run --config configs/study.yaml --run pi-nas --threads 1
supernet retrain pi-nas --threads 1
supernet run --config configs/fairnas.yaml --run fairnas --threads 1
supernet run --config configs/fairnas.yaml --run own --threads 1 --set space.name=configs/space.yaml \
    --set method.name=sandwich --set method.random-paths=1 --set 'space.widths=null' --set 'space.depths=null'
# Every value that a key of a study may name is one that the program knows.
grep -v '^#' configs/values.txt | while IFS= read -r setting; do
    supernet train --config configs/study.yaml --set "$setting" --set space.planes=null --set space.depths=null \
        --set space.widths=null --set space.strides=null --dry-run --images 100 --classes 3 >dry-run.txt
done
rm dry-run.txt
# A network alone.
supernet train --config configs/train.yaml --run network --threads 1
# A truth table, and a ranking before it.
supernet truth --config configs/truth.yaml --run truth --workers 1
supernet rank fairnas --truth truth/truth.csv --threads 1 >rank.txt

# Weights that go out and come in again: a network, and a supernet that was made of it.
nested=(--space configs/nested.yaml --size 16 --path 0)
mkdir imported
printf '%s\n' cross disc stripes >imported/classes.txt
supernet train --config configs/fairnas.yaml --run nested --threads 1 --set space.name=configs/nested.yaml \
    --set method.name=spos --set 'space.widths=null' --set 'space.depths=null'
supernet export nested/supernet/supernet.safetensors --path 0 --output imported/weights.safetensors
supernet import imported/weights.safetensors "${nested[@]}" --classes imported/classes.txt \
    --mean 0.4,0.4,0.4 --std 0.3,0.3,0.3 --output imported/network.safetensors
supernet import imported/weights.safetensors "${nested[@]}" --spread --output imported/supernet.safetensors
rm -r nested

# Adaptations: one with all its controls, the others without.
adapt() { # NAME DATA TASK OPTION...
    supernet adapt --data "$2" --task "$3" --run "adapted/$1" --config configs/adapt.yaml --threads 1 "${@:4}"
}
adapt classification outlines classification --source fairnas
adapt unsupervised outlines classification --source pi-nas --unsupervised --no-controls
adapt spread outlines classification --source imported/supernet.safetensors --no-controls
for task in age gender age-and-gender; do adapt $task faces $task --source fairnas --no-controls; done
adapt re-identification people re-identification --source fairnas --no-controls \
    --set task.images-per-identity=2 --set task.triplet-weight=0.5 --set task.label-smoothing=0.05
# With every key of the settings.
supernet adapt --data outlines --source fairnas --config configs/adapt-domain.yaml --run adapted/domain-adaptation --threads 1

# Studies of rankings and of transfer.
supernet study configs/ranking-study.yaml --run ranking-study --workers 1
supernet study configs/transfer-study.yaml --run transfer-study --workers 1

# What the program said of its own files.
mkdir expected
mv rank.txt expected
judge() { # NAME NETWORK IMAGES DATA OPTION...
    supernet predict "$2" "$3" --format json "${@:5}" >"expected/$1.predictions.json"
    supernet evaluate "$2" --data "$4" >"expected/$1.score.txt"
    supernet export "$2" --output "$work/$1.onnx" >"expected/$1.cost.txt"
}
judge network network/network.safetensors photos images --top 3
for phase in search finetune retrain; do judge pi-nas-$phase pi-nas/$phase/network.safetensors photos images --top 3; done
for phase in search finetune; do judge fairnas-$phase fairnas/$phase/network.safetensors photos images --top 3; done
judge own own/finetune/network.safetensors photos images --top 3
judge imported imported/network.safetensors photos images --top 3
for name in classification unsupervised spread domain-adaptation; do
    judge $name adapted/$name/joint/network.safetensors photos outlines --top 3
done
for name in age age-and-gender; do judge $name adapted/$name/joint/network.safetensors photos faces; done
supernet predict adapted/gender/joint/network.safetensors photos --format json --top 2 >expected/gender.predictions.json
supernet evaluate adapted/gender/joint/network.safetensors --data faces --task gender >expected/gender.score.txt
supernet export adapted/gender/joint/network.safetensors --output "$work/gender.onnx" >expected/gender.cost.txt
judge re-identification adapted/re-identification/joint/network.safetensors people/query people \
    --gallery people/bounding_box_test --top 4
# Of supernets, a path.
cut() { # NAME SUPERNET PATH OPTION...
    supernet export "$2" --path "$3" --output "$work/cut.safetensors" "${@:4}" >"expected/$1.cost.txt"
    supernet predict "$work/cut.safetensors" photos --top 3 --format json >"expected/$1.predictions.json"
}
cut pi-nas-path pi-nas/supernet/supernet.safetensors "1 2" --probe pi-nas/probe/probe.safetensors
cut fairnas-path fairnas/supernet/supernet.safetensors "2 1"
cut own-path own/supernet/supernet.safetensors "0 0"

# What reopening does not need; of most adaptations, the network is enough.
for name in spread age gender age-and-gender domain-adaptation; do
    find adapted/$name -type f -not -path '*/joint/network.safetensors' -not -path adapted/$name/config.yaml -delete
done
find . -type d -empty -delete
find . \( -name events -o -name checkpoints \) -type d -prune -exec rm -r {} +
find . \( -name report.html -o -name contact-sheet.png -o -name results.md \) -delete
rm -r ranking-study/results transfer-study/results
rm -r "$here"/earlier
cp -r . "$here/earlier"
