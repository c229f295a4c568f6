// The operator `seek_video`: moves the player of the open video to a frame.
//
// FiftyOne's own `set_frame_number` reaches players of image sequences only (seen in 1.22), and
// nothing on the Python side reaches the player of a video. Plain JavaScript over the globals that
// FiftyOne offers to plugins, so that there is nothing to build.
(() => {
  const { Operator, OperatorConfig, registerOperator } = window.__foo__;

  class SeekVideo extends Operator {
    get config() {
      return new OperatorConfig({ name: "seek_video", label: "Go to a frame", unlisted: true });
    }

    useHooks() {
      return { player: window.recoil.useRecoilValue(window.__fos__.modalLooker) };
    }

    async execute({ hooks, params }) {
      hooks.player?.seekToFrame?.(params.frame_number);
    }
  }

  registerOperator(SeekVideo, "@e3m/video-grounding");
})();
