/** Said where the viewer of 3D models can't be loaded. The module itself says what else goes wrong. */
export const NO_VIEWER = "Couldn't load the 3D viewer. Showing a still image."
